"""Fetching a page of the simple API. Imported only when the network is used."""
import html.parser
import json
import os
import time
import urllib.parse

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from .index import plain_entry

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "application/vnd.pypi.simple.v1+html"
_ACCEPT = "%s, %s;q=0.2, text/html;q=0.01" % (_JSON, _HTML)


class NoAnswer(Exception):
    """No page, and it is not known whether there is one."""

    def __init__(self, why, whole_index=False):
        super().__init__(why)
        self.whole_index = whole_index  # another package need not be asked for


def fetch(index, package, kept, largest, longest_s):
    """{"files", "etag"} of `package`; `kept` again when it is unchanged; nothing when there is
    none."""
    url = "%s/%s/" % (index, package)
    if index.startswith("file://"):
        return _read_local(url)
    headers = {"Accept": _ACCEPT}
    if kept.get("etag"):
        headers["If-None-Match"] = kept["etag"]
    try:
        with _session().get(url, headers=headers, stream=True, timeout=(5, _patience())) as answer:
            if answer.status_code == 304 and kept:
                return dict(kept)
            if answer.status_code in (404, 410):
                return None
            if answer.status_code != 200:
                raise NoAnswer("%s answered %d" % (_bare(url), answer.status_code),
                               answer.status_code in (401, 403))
            body = _body(answer, url, largest, longest_s)
            kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
            page = _from_json(body, url) if kind.endswith("json") else _from_html(body, url)
            page["etag"] = answer.headers.get("ETag", "")[:200]
            return page
    except requests.exceptions.ConnectionError as error:
        raise NoAnswer("%s: %s" % (_bare(url), _reason(error)), True)
    except requests.exceptions.RequestException as error:
        raise NoAnswer("%s: %s" % (_bare(url), _reason(error)))


def _patience():
    """Seconds without a byte; uv's own setting."""
    try:
        return min(max(float(os.environ.get("UV_HTTP_TIMEOUT", "")), 0.1), 300)
    except ValueError:
        return 20


def _session():
    session = requests.Session()
    retry = Retry(total=2, connect=1, read=1, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504),
                  raise_on_status=False, respect_retry_after_header=False)
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session


def _body(answer, url, largest, longest_s):
    deadline = time.monotonic() + longest_s
    blocks, size = [], 0
    for block in answer.iter_content(1 << 16):
        blocks.append(block)
        size += len(block)
        if size > largest:
            raise NoAnswer("%s is larger than %d MiB" % (_bare(url), largest >> 20))
        if time.monotonic() > deadline:
            raise NoAnswer("%s did not end within %d s" % (_bare(url), longest_s))
    return b"".join(blocks)


def _from_json(body, url):
    try:
        entries = json.loads(body)["files"]
        files = [plain_entry(entry.get("filename"), (entry.get("hashes") or {}).get("sha256"),
                             entry.get("upload-time"), entry.get("requires-python"),
                             entry.get("yanked")) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoAnswer("%s is no page of the simple API: %s" % (_bare(url), error))
    return {"files": [file for file in files if file]}


def _from_html(body, url):
    links = _Links()
    links.feed(body.decode("utf-8", "replace"))
    if not links.files and b"<html" not in body.lower() and b"<!doctype" not in body.lower():
        raise NoAnswer("%s is no page of the simple API" % _bare(url))
    return {"files": links.files}


class _Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.files = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag != "a" or not attributes.get("href"):
            return
        path, _, fragment = attributes["href"].partition("#")
        name = urllib.parse.unquote(urllib.parse.urlsplit(path).path.rsplit("/", 1)[-1])
        sha256 = fragment[len("sha256="):] if fragment.startswith("sha256=") else ""
        entry = plain_entry(name, sha256, "", attributes.get("data-requires-python") or "",
                            "data-yanked" in attributes)
        if entry and name.endswith((".whl", ".tar.gz", ".zip")):
            self.files.append(entry)


def _read_local(url):
    path = os.path.join(urllib.parse.unquote(url[len("file://"):]), "index.html")
    try:
        with open(path, "rb") as file:
            return _from_html(file.read(), url)
    except OSError:
        return None


def _bare(url):
    """Without a password."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _reason(error):
    while error.__cause__ is not None or error.args and isinstance(error.args[0], Exception):
        error = error.__cause__ or error.args[0]
    reason = getattr(error, "reason", None)
    return str(reason or error)[:300]
