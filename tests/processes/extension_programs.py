"""Extensions that tests run as executables of a layer."""

from __future__ import annotations

import sys
import textwrap

BASH_EXTENSION = """#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
head=$(mktemp)
curl -sS -D "$head" -o /dev/null "$api/register" -H "Lambda-Extension-Name: $(basename "$0")" \\
  -d '{"events": ["INVOKE", "SHUTDOWN"]}'
id=$(grep -i '^lambda-extension-identifier' "$head" | tr -d '\\r' | cut -d' ' -f2)
while true; do
  event=$(curl -sS "$api/event/next" -H "Lambda-Extension-Identifier: $id")
  echo "heard $(echo "$event" | grep -o '"eventType":"[A-Z]*"')"
  case "$event" in *SHUTDOWN*) echo "$event" | grep -o 'shutdownReason":"[a-z]*'; exit 0 ;; esac
done
"""

_PYTHON = """
import http.server, json, os, signal, sys, threading, time, urllib.error, urllib.request
API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = os.path.basename(sys.argv[0])
def call(path, body=None, method=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(API + path, data, named, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
def register(*events, name=NAME, **headers):
    headers["Lambda_Extension_Name"] = name
    status, found, body = call("/2020-01-01/extension/register", {"events": events}, **headers)
    return found["Lambda-Extension-Identifier"], json.loads(body)
def following(identifier):
    return json.loads(call("/2020-01-01/extension/event/next", Lambda_Extension_Identifier=identifier)[2])
def fail(kind, error_type):
    return call(f"/2020-01-01/extension/{kind}/error", {}, "POST", Lambda_Extension_Identifier=identifier,
                Lambda_Extension_Function_Error_Type=error_type)[0]
def subscribe(port, types, path="/2022-07-01/telemetry", destination=None, schema="2022-07-01"):
    wanted = {"schemaVersion": schema, "types": types,
              "destination": destination or {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{port}/here"}}
    return call(path, wanted, "PUT", Lambda_Extension_Identifier=identifier)
class Listener(http.server.BaseHTTPRequestHandler):
    got = []
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Listener.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
def listen(port):
    server = http.server.HTTPServer((os.environ.get("LISTEN", "127.0.0.1"), port), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
"""


def python_extension(code: str) -> str:
    """Return an extension in Python that does *code* with the functions above."""
    return f"#!{sys.executable} -B\n{_PYTHON}\n{textwrap.dedent(code)}"
