"""A package index on this machine, with faults on request.

    index = LocalIndex()
    index.add(*wheel("shop", "1.0"), uploaded="2020-01-01")
    index.files["shop-1.0-py3-none-any.whl"].fault = "truncated"

Pages are served as PEP 691 and PEP 700 say, with upload times; `dated = False` leaves those out,
`html = True` serves PEP 503 instead. Faults of a file: "missing" (404), "truncated" (ends early),
"garbage" (no zip at all), "wrong hash" (another file than was promised), "hangs" (never answers),
"cut" (the connection breaks). Of the whole index: `fault = "refuses"`, "errors" (503), "hangs",
"busy" (answers late, and 503 the first time that something is asked for).
`served` counts answers by path.
"""
import collections
import hashlib
import http.server
import json
import threading


class File:
    def __init__(self, name, content, uploaded, yanked, requires_python):
        self.name = name
        self.content = content
        self.uploaded = uploaded
        self.yanked = yanked
        self.requires_python = requires_python
        self.fault = None

    @property
    def package(self):
        stem = self.name[:-len(".tar.gz")] if self.name.endswith(".tar.gz") else self.name
        name = stem.rsplit("-", 1)[0] if self.name.endswith(".tar.gz") else stem.split("-")[0]
        return name.replace("_", "-").lower()

    @property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()


class LocalIndex:
    def __init__(self):
        self.files = {}
        self.dated = True
        self.html = False
        self.fault = None
        self.extra_entries = {}  # package -> entries that a hostile index adds to its page
        self.served = collections.Counter()
        self._released = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self):
        return "http://127.0.0.1:%d/simple" % self._server.server_port

    def add(self, name, content, uploaded="2020-01-01", yanked=False, requires_python=""):
        self.files[name] = File(name, content, uploaded, yanked, requires_python)
        return self.files[name]

    def close(self):
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def page(self, package):
        """(content type, bytes), or nothing."""
        files = [file for file in self.files.values() if file.package == package]
        if not files:
            return None
        if self.html:
            links = "".join('<a href="/files/%s#sha256=%s"%s>%s</a>\n' % (
                file.name, file.sha256, " data-yanked" if file.yanked else "", file.name)
                for file in files)
            return "text/html", ("<!DOCTYPE html><html><body>\n%s</body></html>" % links).encode()
        entries = []
        for file in files:
            entry = {"filename": file.name, "url": "/files/" + file.name, "size": len(file.content),
                     "hashes": {"sha256": file.sha256}, "yanked": file.yanked}
            if file.requires_python:
                entry["requires-python"] = file.requires_python
            if self.dated:
                entry["upload-time"] = file.uploaded + "T12:00:00.000000Z"
            entries.append(entry)
        entries += self.extra_entries.get(package, [])
        page = {"meta": {"api-version": "1.1"}, "name": package, "files": entries,
                "versions": sorted({file.name.split("-")[1] for file in files})}
        return "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()

    def _handler(index):  # the handler below is called self
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                index.served[self.path] += 1
                if index.fault == "busy":
                    index._released.wait(0.2)
                if index.fault == "hangs":
                    index._released.wait()
                elif index.fault == "errors" or (index.fault == "busy" and
                                                 index.served[self.path] == 1):
                    self._answer(503, b"")
                elif index.fault == "refuses":
                    self._hang_up()
                elif self.path.startswith("/simple/"):
                    page = index.page(self.path.strip("/").split("/")[1])
                    self._answer(200, page[1], page[0]) if page else self._answer(404, b"")
                else:
                    self._send_file(index.files.get(self.path.rpartition("/")[2]))

            do_HEAD = do_GET

            def _send_file(self, file):
                if file is None or file.fault == "missing":
                    self._answer(404, b"")
                elif file.fault == "hangs":
                    index._released.wait()
                elif file.fault == "cut":
                    self._hang_up()
                elif file.fault == "garbage":
                    self._answer(200, b"this is no archive" * 50)
                elif file.fault == "wrong hash":
                    self._answer(200, file.content + b"more")
                elif file.fault == "truncated":
                    self._answer(200, file.content[:len(file.content) // 2])
                else:
                    self._answer(200, file.content)

            def _answer(self, status, body, kind="application/octet-stream"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def _hang_up(self):
                self.close_connection = True
                self.connection.close()

            def handle(self):
                try:
                    super().handle()
                except (OSError, ValueError):
                    pass  # the other side, or a fault, closed the connection

            def log_message(self, *_):
                pass

        return Handler
