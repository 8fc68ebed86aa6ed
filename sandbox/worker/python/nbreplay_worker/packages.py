"""Commands that would change the notebook's environment: recognised, recorded, never done.

%pip, !pip, !python -m pip, %conda, !conda and !uv pip come through here. What only looks
(pip list, conda info) runs as it is; so does everything that is no package manager.
"""
import os
import re
import shlex
import sys

import _nbreplay

_SEPARATOR = re.compile(r"&&|\|\||;|\||\n|&")
_REDIRECTION = re.compile(r"^\d*(&?>{1,2}|<)")
_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*=")
_PIP = re.compile(r"^pip[0-9.]*$")
_PYTHON = re.compile(r"^(python|pypy)[0-9.]*$")
_PREFIXES = ("sudo", "time", "nohup", "exec", "command", "env")
# What may stand before a command in a script and must stay there.
_KEYWORDS = re.compile(r"^\s*((then|do|else|if|elif|while|until|!|\{)\s+|\(\s*)*")

_PIP_CHANGES = ("install", "uninstall")
_CONDA_CHANGES = ("install", "update", "upgrade", "remove", "uninstall", "create", "env", "clean")
_UV_CHANGES = ("add", "remove", "sync")

# Options of `pip install` and `conda install` that are followed by a value.
_WITH_VALUE = {
    "-c", "--constraint", "-t", "--target", "-i", "--index-url", "--extra-index-url", "-f",
    "--find-links", "--prefix", "--root", "--src", "--platform", "--python-version",
    "--implementation", "--abi", "--upgrade-strategy", "--no-binary", "--only-binary",
    "--progress-bar", "--config-settings", "-C", "--global-option", "--install-option",
    "--build-option", "--trusted-host", "--cert", "--client-cert", "--cache-dir", "--proxy",
    "--retries", "--timeout", "--exists-action", "--log", "--report", "--use-feature",
    "--use-deprecated", "--python", "-p", "--channel", "-n", "--name", "--file", "--index",
    "--default-index", "--keyring-provider", "--build", "-b", "--resume-retries"}
_PIP_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)$", re.S)


class _Change:
    """One command that would change an environment."""

    def __init__(self, manager, verb, arguments, text):
        self.manager = manager
        self.verb = verb
        self.arguments = arguments
        self.text = text

    def perform(self):
        """Records what it asks for; the lines that a person reads.

        Counts as a success: that nothing was installed shall not be what fails the notebook.
        """
        quiet = any(re.match(r"^(-[a-zA-Z]*q|--quiet)", word) for word in self.arguments)
        if self.verb not in ("install", "add", "upgrade", "update"):
            _nbreplay.note(("not done, since it would change the environment: %s" % self.text,))
            return ["nbreplay never changes an environment; not done: %s" % self.text]
        lines = []
        for requirement in self._requirements():
            held = _installed(requirement, self.manager)
            _nbreplay.requirement((self.text, requirement, held is not None))
            if held is None:
                lines.append("nbreplay never changes an environment; not installed but recorded "
                             "as a requirement of this notebook: %s" % requirement)
            elif not quiet:
                lines.append("Requirement already satisfied: %s in %s (%s)" % (
                    (requirement,) + held))
        return lines

    def _requirements(self):
        words = iter(self.arguments)
        found = []
        for word in words:
            name, equals, value = word.partition("=")
            if word in ("-r", "--requirement", "--file") and self.manager != "python":
                found += _requirements_in(next(words, ""))
            elif name in ("--requirement", "--file") and equals:
                found += _requirements_in(value)
            elif word.startswith("-r") and len(word) > 2:
                found += _requirements_in(word[2:])
            elif word in ("-e", "--editable"):
                found.append(next(words, ""))
            elif word in _WITH_VALUE or (word == "-c" and self.manager == "conda"):
                next(words, None)
            elif not word.startswith("-"):
                found.append(word)
        return [word for word in found if word] or [""]


def _requirements_in(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return [path]
    kept = []
    for line in lines[:1000]:
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if line and not line.startswith("-"):
            kept.append(line)
    return kept


def _installed(requirement, manager):
    """(folder, version) of what satisfies `requirement`, or None."""
    requirement, _, marker = requirement.partition(";")
    requirement = requirement.split("::")[-1] if manager == "conda" else requirement
    match = _PIP_NAME.match(requirement.strip())
    if not match or "/" in requirement or "@" in requirement:
        return None
    name, _, wanted = match.groups()
    import importlib.metadata
    try:
        distribution = importlib.metadata.distribution(name)
    except Exception:  # a broken metadata folder is as good as none
        return None
    version = distribution.version
    if manager == "conda":
        wanted = re.sub(r"^=(?!=)([^,|]*)", _conda_pin, wanted.strip())
    if version is None or not _fits(version, wanted.strip().strip("()")):
        return None
    return str(distribution.locate_file("")).rstrip("/"), version


def _conda_pin(match):
    # conda's "=1.5" means 1.5 and all below it; a build string may follow.
    return "==%s.*" % match.group(1).split("=")[0].rstrip(".*")


def _fits(version, wanted):
    if not wanted:
        return True
    try:
        from packaging.specifiers import SpecifierSet
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except Exception:  # no `packaging`, or nothing that it can read
        pass
    return all(_fits_one(version, part.strip()) for part in wanted.split(","))


def _fits_one(version, part):
    match = re.match(r"^(===|==|~=|!=|<=|>=|<|>)\s*([0-9A-Za-z.*+!-]+)$", part)
    if not match:
        return False
    operator, other = match.groups()
    have, want = _numbers(version), _numbers(other)
    if other.endswith(".*"):
        same = have[:len(want)] == want
        return same if operator == "==" else not same
    if operator == "~=" and have[:len(want) - 1] != want[:-1]:
        return False
    width = max(len(have), len(want))
    have += (0,) * (width - len(have))
    want += (0,) * (width - len(want))
    return {"===": version == other, "==": have == want, "!=": have != want, "<=": have <= want,
            ">=": have >= want, "~=": have >= want, "<": have < want, ">": have > want}[operator]


def _numbers(version):
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0]))


# ---- reading commands -----------------------------------------------------------------------


def _split(script):
    """[(start, end)] of the simple commands of a shell script; None when it is beyond us."""
    if "<<" in script:
        return None
    spans, start, at, quote = [], 0, 0, None
    while at < len(script):
        char = script[at]
        if char == "\\" and quote != "'":
            at += 2
            continue
        if quote:
            quote = None if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            match = _SEPARATOR.match(script, at)
            if match and not (match.group() == "&" and _part_of_redirection(script, at)):
                spans.append((start, at))
                start = at = match.end()
                continue
        at += 1
    spans.append((start, len(script)))
    return spans


def _part_of_redirection(script, at):
    return script[at - 1:at] == ">" or script[at + 1:at + 2] == ">"


def _read(text):
    """The _Change that a simple command is, and its redirections; or (None, [])."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return None, []
    kept, redirections = [], []
    words.reverse()
    while words:
        word = words.pop()
        match = _REDIRECTION.match(word)
        # A specifier like ">=1.5" was quoted and has a name before it.
        if match and not re.match(r"^[<>]=", word):
            redirections.append(word)
            if match.end() == len(word) and words:
                redirections.append(words.pop())
        else:
            kept.append(word)
    while kept and (_ASSIGNMENT.match(kept[0]) or kept[0] in _PREFIXES or (
            kept[0].startswith("-") and len(kept) > 1)):
        kept.pop(0)
    return _change(kept, text.strip()), redirections


def _change(words, text):
    if not words:
        return None
    program, arguments = os.path.basename(words[0]), words[1:]
    if _PYTHON.match(program) or words[0] == sys.executable:
        while arguments and arguments[0] != "-m" and arguments[0].startswith("-"):
            arguments = arguments[1:]
        if len(arguments) < 2 or arguments[0] != "-m":
            return None
        program, arguments = arguments[1], arguments[2:]
    if program == "uv":
        verb, rest = _verb(arguments)
        if verb in _UV_CHANGES:
            return _Change("uv", "install" if verb == "add" else verb, rest, text)
        if verb != "pip":
            return None
        program, arguments = "pip", rest
        verb, rest = _verb(arguments)
        if verb == "sync":
            return _Change("uv", verb, rest, text)
    if "--help" in arguments or "-h" in arguments:
        return None
    verb, rest = _verb(arguments)
    if _PIP.match(program) and verb in _PIP_CHANGES:
        return _Change("pip", verb, rest, text)
    if program in ("conda", "mamba", "micromamba") and verb in _CONDA_CHANGES:
        if verb == "env" and (rest[:1] or ["list"])[0] in ("list", "export"):
            return None
        return _Change("conda", verb, rest, text)
    if program == "easy_install" and arguments:
        return _Change("pip", "install", arguments, text)
    return None


def _verb(arguments):
    """The first word that is no option, and what surrounds it."""
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if not word.startswith("-"):
            return word, arguments[:index] + arguments[index + 1:]
        index += 2 if word in _WITH_VALUE else 1
    return "", arguments


# ---- for the shell ----------------------------------------------------------------------------


def system(command):
    """Does what can be done of one simple command; its exit code, or None: not ours."""
    spans = _split(command)
    if not spans or len(spans) != 1:
        rewritten = without_changes(command)
        if rewritten == command:
            return None
        from IPython.utils.process import system as run
        return run(rewritten)
    change, redirections = _read(command)
    if change is None:
        return None
    lines = change.perform()
    if not redirections:
        for line in lines:
            print(line)
        sys.stdout.flush()
    return 0


def output(command):
    """The same for commands whose output is captured: the output, or None."""
    spans = _split(command)
    if not spans or len(spans) != 1:
        return None
    change, redirections = _read(command)
    if change is None:
        return None
    lines = change.perform()
    return "" if redirections else "\n".join(lines)


def without_changes(script):
    """A shell script in which every change of an environment is replaced by what it would say."""
    spans = _split(script)
    if spans is None:
        return script
    parts, end = [], 0
    for start, stop in spans:
        start = _KEYWORDS.match(script[start:stop]).end() + start
        text = script[start:stop].rstrip()
        # The parenthesis that closes a subshell stays where it is.
        if text.endswith(")") and "(" not in text:
            stop = start + len(text) - 1
        change, redirections = _read(script[start:stop])
        parts.append(script[end:start])
        end = stop
        if change is None:
            parts.append(script[start:stop])
            continue
        lines = change.perform()
        say = "; ".join("printf '%%s\\n' %s" % shlex.quote(line) for line in lines) or "true"
        if redirections or len(lines) > 1:
            say = "{ %s; }" % say
        parts.append(" %s %s " % (say, " ".join(redirections)))
    parts.append(script[end:])
    return "".join(parts)
