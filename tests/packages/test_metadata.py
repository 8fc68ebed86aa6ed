"""What packages say of themselves, read without installing anything."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))

from nbreplay_packages.metadata import distributions  # noqa: E402


def requires(folder, metadata):
    info = folder / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(metadata)
    (one,) = distributions(str(folder))
    return one.requires()


def test_a_licence_of_several_paragraphs_does_not_end_the_fields(tmp_path):
    assert requires(tmp_path, "Name: shop\nLicense: Ours\n        \n        Do as you like.\n"
                              "Requires-Dist: tea>=2\n\nRequires-Dist: of the description\n"
                    ) == ["tea>=2"]
