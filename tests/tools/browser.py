# SPDX-License-Identifier: MIT
"""
A page in headless Chromium, and what is done with it, by WebDriver:

    python3 browser.py PAGE STEP...

PAGE is an address, such as file:///tmp/x.svg. Each step is one argument:

    js EXPRESSION       print what the expression is
    wait EXPRESSION     wait until it is true
    click SELECTOR      click the first element of this CSS selector
    file SELECTOR PATH  choose a file for a field of a form
    keys TEXT           type it; <Enter> and the like are keys, <Ctrl-f> two
    size WIDTH HEIGHT   of the window
    shot FILE           a picture, as PNG

A text is printed as it is, any other value as JSON. Last, each error of the
page's console is a line "console: ...". The exit status is 1 when there was one,
or when a step was not possible.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 300
# Nothing is looked up in the network.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--force-device-scale-factor=1",
         "--window-size=1200,800"]
KEYS = {"Enter": "\ue007", "Esc": "\ue00c", "Tab": "\ue004", "Home": "\ue011",
        "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015",
        "Backspace": "\ue003", "Shift": "\ue008", "Ctrl": "\ue009"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # as the standard has it


class Failure(Exception):
    pass


class Browser:
    def __init__(self, address):
        self.address = address  # of the driver
        self.profile = tempfile.mkdtemp(prefix="pytrace-browser.")
        self.session = ""
        options = {"args": FLAGS + ["--user-data-dir=" + self.profile]}
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + made["sessionId"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.address + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            message = json.load(error)["value"]["message"]
            raise Failure(message.splitlines()[0]) from None

    def do(self, path, body=None):
        return self.call("POST", self.session + path, body or {})

    def js(self, expression):
        return self.do("/execute/sync",
                       {"script": "return (" + expression + ")", "args": []})

    def element(self, selector):
        found = self.do("/element", {"using": "css selector",
                                     "value": selector})
        return "/element/" + found[ELEMENT]

    def keys(self, text):
        actions = []
        for key in re.findall(r"<[\w-]+>|.", text, re.DOTALL):
            if len(key) == 1:
                pressed = [key]
            else:
                names = key[1:-1].split("-")
                pressed = [KEYS.get(name, name) for name in names]
            actions += [{"type": "keyDown", "value": one} for one in pressed]
            actions += [{"type": "keyUp", "value": one}
                        for one in reversed(pressed)]
        self.do("/actions", {"actions": [
            {"type": "key", "id": "keyboard", "actions": actions}]})

    def step(self, step):
        word, _, rest = step.partition(" ")
        if word == "js":
            value = self.js(rest)
            print(value if isinstance(value, str) else json.dumps(value))
        elif word == "wait":
            limit = time.monotonic() + PATIENCE
            while not self.js(rest):
                if time.monotonic() > limit:
                    raise Failure("this did not become true")
                time.sleep(0.05)
        elif word == "click":
            self.do(self.element(rest) + "/click")
        elif word == "file":
            selector, path = rest.rsplit(" ", 1)
            self.do(self.element(selector) + "/value",
                    {"text": os.path.abspath(path)})
        elif word == "keys":
            self.keys(rest)
        elif word == "size":
            width, height = rest.split()
            self.do("/window/rect",
                    {"width": int(width), "height": int(height)})
        elif word == "shot":
            import base64
            picture = self.call("GET", self.session + "/screenshot")
            with open(rest, "wb") as file:
                file.write(base64.b64decode(picture))
        else:
            raise Failure("there is no such step")

    def errors(self):
        return [line["message"] for line in
                self.do("/se/log", {"type": "browser"})
                if line["level"] == "SEVERE"]

    def close(self):
        if self.session:
            self.call("DELETE", self.session)
        shutil.rmtree(self.profile, ignore_errors=True)


def run(address, page, steps):
    browser = Browser(address)
    try:
        browser.do("/url", {"url": page})
        for step in steps:
            try:
                browser.step(step)
            except Failure as why:
                raise Failure("%s: %s" % (step, why)) from None
        errors = browser.errors()
    finally:
        browser.close()
    for error in errors:
        print("console: " + error)
    return 1 if errors else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    driver = subprocess.Popen(["chromedriver", "--port=0"], text=True,
                              stdout=subprocess.PIPE)
    try:
        for line in driver.stdout:
            port = re.search(r"started successfully on port (\d+)", line)
            if port:
                return run("http://127.0.0.1:" + port.group(1), sys.argv[1],
                           sys.argv[2:])
        raise Failure("chromedriver did not start")
    except Failure as why:
        print("browser: %s" % why)
        return 1
    finally:
        driver.terminate()
        driver.wait()


sys.exit(main())
