"""What a notebook needs: of what was recorded beside it, its %pip lines and its imports."""
import os

from . import distributions, project_files
from .errors import Trouble
from .names import normalised
from .project_files import Recorded


def inferred(request, context):
    """The answer to `infer`."""
    folder = _path(request, "folder") or "/"
    root = _path(request, "project_root") or folder
    imports = [name for name in request.get("imports") or [] if isinstance(name, str)]
    notes = []
    recorded, source = _recorded(request, folder, root, context, notes)
    if recorded.lock:
        return _answer(recorded, [], source, "a lock beside the notebook" if not request.get("files")
                       else "a lock was named", "", [], notes)
    asked = Recorded(root=root)
    for line in request.get("pip_lines") or []:
        project_files.pip_words(line, folder, asked)
    notes += asked.notes
    recorded.constraints += asked.constraints
    requirements = _together(recorded.requirements, asked.requirements)
    covered = {normalised(_name(text)) for text in requirements}
    by_import, unknown = distributions.of_imports(_foreign(imports, folder, root),
                                                  request.get("site_packages") or [])
    constrained = {normalised(_name(text)) for text in recorded.constraints}
    missing = sorted({name for name in by_import.values()
                      if not distributions.is_covered(name, covered)})
    guessed, unknown = _by_their_own_name(unknown, covered | constrained, context)
    notes += context.notes
    missing += [name for name in guessed if name not in covered and name not in missing]
    if guessed:
        notes.append("taken for distributions of the same name: " + ", ".join(guessed))
    if missing and source:
        notes.append("imported, but not in %s: %s" % (source, ", ".join(missing)))
    # A version that was recorded somewhere holds for a package that is only imported, too.
    requirements += missing
    as_of = request.get("as_of") or _age(request.get("notebook_date"), requirements, context)
    why = _why(source, asked.requirements, missing, as_of, request)
    source = source or ("pip lines" if asked.requirements else "imports")
    return _answer(recorded, requirements, source, why, as_of, unknown, notes)


def _recorded(request, folder, root, context, notes):
    """(Recorded, name of where from)."""
    files = request.get("files") or []
    for path in files:
        if not isinstance(path, str) or not os.path.isfile(path):
            raise Trouble("usage", "%s is no file of requirements" % path)
    for path in files or project_files.beside(folder, root):
        found = project_files.read(path, context.interpreter, "" if files else root)
        if found is None:
            raise Trouble("usage", "%s: what is this?" % path, "",
                          "requirement files end in .txt, locks in .json, uv.lock and pyproject.toml "
                          "are known by their names")
        notes += found.notes
        if files and len(files) > 1:
            return _all_of(files, context, notes), "%d files" % len(files)
        if found.requirements or found.constraints or found.lock:
            return found, os.path.basename(path)
        if files:
            raise Trouble("usage", "%s asks for nothing" % path, "; ".join(found.notes))
    return Recorded(), ""


def _all_of(files, context, notes):
    whole = Recorded()
    for path in files:
        found = project_files.read(path, context.interpreter)
        if found is None or found.lock:
            raise Trouble("usage", "%s cannot be combined with other files" % path)
        whole.requirements += found.requirements
        whole.constraints += found.constraints
        whole.requires_python = whole.requires_python or found.requires_python
    return whole


def _together(recorded, asked):
    """A %pip line runs later than what was installed before: it wins."""
    later = {normalised(_name(text)) for text in asked if _is_exact(text)}
    return [text for text in recorded if normalised(_name(text)) not in later] + asked


def _parsed(text):
    from packaging.requirements import Requirement
    return Requirement(text)


def _name(text):
    return _parsed(text).name


def _is_exact(text):
    return any(part.operator in ("==", "===") for part in _parsed(text).specifier)


def _foreign(imports, folder, root):
    """Without the project's own modules."""
    def is_own(name):
        top = name.split(".")[0]
        return any(os.path.isfile(os.path.join(place, top + ".py")) or
                   os.path.isdir(os.path.join(place, top))
                   for place in {folder, root, os.path.join(root, "src")})
    return [name for name in imports if not is_own(name)]


def _by_their_own_name(unknown, known, context):
    """Those that the index has under the imported name. Not for names that were never seen: who
    makes up a name must not get code of a stranger run; so only what is recorded, or has been a
    package of wheels for long, is taken."""
    found, rest, not_asked = [], [], []
    for name in unknown:
        top = name.split(".")[0]
        try:
            package = normalised(top)
            if package in known or _is_established(context.index().page(package), context):
                if package not in found:
                    found.append(package)
                continue
        except Trouble as trouble:
            if trouble.kind == "unreachable":
                not_asked.append(name)
        rest.append(name)
    if not_asked:
        context.notes.append("the index could not be asked about " + ", ".join(not_asked))
    return found, rest


def _is_established(page, context):
    """Several releases that have wheels for this Python: no placeholder, no one-off."""
    return len(context.requirements.usable_versions(page, [])) >= 3


def _age(notebook_date, requirements, context):
    """The notebook's day; that of the newest pinned release, where somebody pinned a newer one."""
    from packaging.version import InvalidVersion, Version
    day = (notebook_date or "")[:10]
    if not day:
        return ""
    for text in requirements:
        parsed = _parsed(text)
        for part in parsed.specifier:
            if part.operator != "==" or "*" in part.version:
                continue
            try:
                files = context.index().page(normalised(parsed.name)).files_of(Version(part.version))
            except (Trouble, InvalidVersion):
                continue
            dates = [file.uploaded[:10] for file, _ in files if file.uploaded]
            day = max(day, min(dates)) if dates else day
    return day


def _why(source, asked, missing, as_of, request):
    parts = []
    if source:
        parts.append("%s %s" % (source, "was named" if request.get("files") else
                                "lies with the notebook"))
    if asked:
        parts.append("its %pip lines")
    if missing or not parts:
        parts.append("what it imports")
    words = ", and ".join(parts)
    if as_of:
        words += ", as of %s" % as_of
    return words


def _answer(recorded, requirements, source, why, as_of, unknown, notes):
    seen, unique = set(), []
    for text in requirements:
        if text not in seen:
            seen.add(text)
            unique.append(text)
    return {"requirements": unique, "constraints": sorted(set(recorded.constraints)),
            "lock": recorded.lock, "requires_python": recorded.requires_python, "source": source,
            "why": why, "as_of": as_of, "unknown": unknown, "notes": notes}


def _path(request, key):
    value = request.get(key)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not os.path.isabs(value):
        raise Trouble("usage", "%s is no absolute path" % key)
    return value
