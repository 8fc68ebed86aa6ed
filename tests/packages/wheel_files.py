"""Makes wheels and source distributions of a few lines, byte for byte the same every time."""
import base64
import hashlib
import io
import tarfile
import zipfile


def wheel(name, version, files=None, requires=(), scripts=None, data=None, tag="py3-none-any",
          entry_points="", metadata_name=None, requires_python=""):
    """(file name, bytes). `files` are paths below site-packages, `scripts` are console scripts
    {name: "module:function"}, `data` paths below the `.data` folder ("data/share/x", "scripts/y")."""
    stem = "%s-%s" % (name.replace("-", "_"), version)
    content = dict(files if files is not None else {name.replace("-", "_") + ".py":
                                                   "version = %r\n" % version})
    for path, text in (data or {}).items():
        content["%s.data/%s" % (stem, path)] = text
    info = stem + ".dist-info/"
    metadata = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (metadata_name or name, version)
    metadata += "".join("Requires-Dist: %s\n" % text for text in requires)
    if requires_python:
        metadata += "Requires-Python: %s\n" % requires_python
    content[info + "METADATA"] = metadata
    content[info + "WHEEL"] = ("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: %s\n"
                               % tag)
    if scripts:
        entry_points += "[console_scripts]\n" + "".join("%s = %s\n" % one for one in scripts.items())
    if entry_points:
        content[info + "entry_points.txt"] = entry_points
    return "%s-%s.whl" % (stem, tag), _zipped(content, info + "RECORD")


def source(name, version, build="", requires=()):
    """(file name, bytes) of a source distribution that builds itself, or runs `build` instead."""
    stem = "%s-%s" % (name.replace("-", "_"), version)
    wheel_name, wheel_bytes = wheel(name, version, requires=requires)
    backend = "WHEEL = (%r, %r)\n" % (wheel_name, wheel_bytes) + '''
import os
def build_wheel(folder, config_settings=None, metadata_directory=None):
%s
    with open(os.path.join(folder, WHEEL[0]), "wb") as file:
        file.write(WHEEL[1])
    return WHEEL[0]
def build_sdist(folder, config_settings=None):
    raise NotImplementedError
''' % "".join("    %s\n" % line for line in build.splitlines())
    content = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version),
        "backend.py": backend,
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
                          'backend-path = ["."]\n[project]\nname = "%s"\nversion = "%s"\n'
                          % (name, version) + "dependencies = %s\n" % list(requires),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, text in content.items():
            member = tarfile.TarInfo("%s/%s" % (stem, path))
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    import gzip
    return stem + ".tar.gz", gzip.compress(out.getvalue(), mtime=0)


def _zipped(content, record_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        record = []
        for path, text in content.items():
            raw = text if isinstance(text, bytes) else text.encode()
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), raw)
            digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d\n" % (path, digest, len(raw)))
        record.append("%s,,\n" % record_path)
        archive.writestr(zipfile.ZipInfo(record_path, (2020, 1, 1, 0, 0, 0)), "".join(record))
    return out.getvalue()
