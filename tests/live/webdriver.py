"""A browser by the WebDriver protocol, with Python's standard library alone: chromedriver speaks JSON
over HTTP (https://www.w3.org/TR/webdriver2/)."""
import base64
import json
import re
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# What is waited for comes within a moment; on a busy machine within so many seconds.
PATIENCE = 60


class Driver:
    """chromedriver, and the sessions opened with it."""

    def __init__(self, path="chromedriver"):
        # It takes a port that is free, and says which once it listens.
        self.process = subprocess.Popen([path, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                self.url = f"http://127.0.0.1:{found[1]}"
                return
        raise SystemExit("chromedriver did not start")

    def ask(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=4 * PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise AssertionError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def close(self):
        self.process.terminate()


class Browser:
    """One window."""

    def __init__(self, driver, width=360, height=640, script=True, dark=False, lang="vi", ratio=1, still=False, before=None):
        args = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
                f"--lang={lang}", "--force-device-scale-factor=1"]
        prefs = {"intl.accept_languages": lang}
        options = {"args": args, "prefs": prefs,
                   "mobileEmulation": {"deviceMetrics": {"width": width, "height": height, "pixelRatio": ratio, "touch": width < 600}}}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "acceptInsecureCerts": True, "goog:chromeOptions": options,
                                                   "goog:loggingPrefs": {"browser": "ALL"}}}}
        self.driver = driver
        self.path = "/session/" + driver.ask("POST", "/session", wanted)["sessionId"]
        if dark:
            self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        if still:
            self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        if before:
            # Runs in every page before its own script: stands in for what only a phone has.
            self.devtools("Page.addScriptToEvaluateOnNewDocument", source=before)
        if not script:
            # chromedriver itself needs scripts; pages have none but this one (their policy sees to it).
            self.devtools("Network.enable")
            self.devtools("Network.setBlockedURLs", urls=["*.js*"])

    def ask(self, method, path, body=None):
        return self.driver.ask(method, self.path + path, body)

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    def at(self):
        return self.ask("GET", "/url")

    def submit(self, element):
        """Clicks what sends a form or leads on, and waits for the page that answers: whoever goes on at once is
        overtaken by it."""
        self.run("window.left = true")
        self.click(element)
        self.until(lambda: self.run("return !window.left && document.readyState === 'complete'"))

    def find(self, css):
        return self.ask("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def all(self, css):
        return [e[ELEMENT] for e in self.ask("POST", "/elements", {"using": "css selector", "value": css})]

    def by_text(self, tag, text):
        path = f"//{tag}[contains(normalize-space(.), {json.dumps(text, ensure_ascii=False)})]"
        return self.ask("POST", "/element", {"using": "xpath", "value": path})[ELEMENT]

    def click(self, element):
        element = self.find(element) if not element.startswith("f.") else element
        # A person would scroll it out from under the bar at the bottom.
        self.run("arguments[0].scrollIntoView({block: 'center'})", {ELEMENT: element})
        self.ask("POST", f"/element/{element}/click")

    def press(self, tag, text):
        self.click(self.by_text(tag, text))

    def type(self, css, text, clear=True):
        element = self.find(css)
        if clear:
            self.ask("POST", f"/element/{element}/clear")
        self.ask("POST", f"/element/{element}/value", {"text": text})

    def keys(self, *keys):
        """Presses keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def drag(self, grip, to, x=0, y=0):
        """From an element to another, by the mouse."""
        wrap = lambda e: {ELEMENT: e}
        self.run("arguments[0].scrollIntoView({block: 'center'})", wrap(grip))
        self.ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "m", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "duration": 0, "origin": wrap(grip), "x": 0, "y": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "duration": 150, "origin": wrap(to), "x": x, "y": y},
            {"type": "pointerUp", "button": 0}]}]})

    def text(self, css="main"):
        return self.ask("GET", f"/element/{self.find(css)}/text")

    def run(self, script, *args):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(args)})

    def devtools(self, command, **params):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def log(self):
        return [e["message"] for e in self.ask("POST", "/se/log", {"type": "browser"}) if e["level"] == "SEVERE"]

    def until(self, what, seconds=PATIENCE):
        """Waits until `what()` is true; an assertion or a missing element means not yet."""
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                found = what()
                if found:
                    return found
            except AssertionError as error:
                last = error
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {last or what}")

    def picture(self, file, whole=True):
        size = None
        if whole:
            size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        params = {"format": "png", "captureBeyondViewport": whole}
        if size:
            params["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        data = self.devtools("Page.captureScreenshot", **params)["data"]
        with open(file, "wb") as out:
            out.write(base64.b64decode(data))

    def close(self):
        self.ask("DELETE", "")
