"""The releases of a package."""
from .names import normalised


def listed(package, interpreter, index):
    """The answer to `releases`."""
    page = index.page(normalised(package))
    releases = []
    for version, files in sorted(page.by_version().items()):
        wheel = any(file.is_wheel and interpreter.rank(tags) is not None
                    and interpreter.runs(file.requires_python) for file, tags in files)
        uploaded = min((file.uploaded for file, _ in files if file.uploaded), default="")
        releases.append({"version": str(version), "uploaded": uploaded[:10], "wheel": wheel,
                         "source": any(not file.is_wheel for file, _ in files),
                         "yanked": all(file.yanked for file, _ in files),
                         "prerelease": version.is_prerelease})
    import time
    return {"releases": releases, "dated": page.dated, "notes": page.notes,
            "fetched": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(page.fetched))}
