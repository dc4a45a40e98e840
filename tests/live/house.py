"""A daemon in a folder of its own, the browsers that visit it, and what stands around it: a website that
does not answer, a proxy that ends TLS."""
import http.client
import json
import signal
import ssl
import subprocess
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from webdriver import PATIENCE, Browser, Driver

PASSWORD = "mùa xuân trên bản"
CONFIG = """
[office]
name = "Phòng Văn hóa và Thông tin huyện Chợ Đồn"
lang = "vi"
default_channels = ["fanpage"]
[web]
listen = "127.0.0.1:0"
[[channels]]
id = "fanpage"
title = "Fanpage Chợ Đồn"
platform = "facebook-page"
mode = "log"
approval = "required"
[[channels]]
id = "telegram"
title = "Telegram Tin Chợ Đồn"
platform = "telegram"
mode = "log"
[[channels]]
id = "atk-cho-don"
title = "ATK Chợ Đồn"
platform = "facebook-group"
url = "https://www.facebook.com/groups/atkchodon"
min_gap = "0s"
[[channels]]
id = "cong"
title = "Cổng thông tin"
platform = "webhook"
url = "https://chodon.backan.gov.vn"
[channels.webhook]
url = "http://127.0.0.1:{receiver}/hook"
secret = {{ file = "secret" }}
[[topics]]
id = "van-hoa"
title = "Văn hóa"
"""
SCHEDULE = 'cron = "30 7 * * *"\nchannels = ["telegram", "atk-cho-don"]\n'


def in_the_log(file, field):
    """What a daemon has told under this name, in its order."""
    lines = (json.loads(line).get("fields", {}) for line in file.read_text().splitlines() if line.endswith("}"))
    return [fields[field] for fields in lines if field in fields]


def until_told(file, field, wanted=bool):
    """Waits until the daemon has told something under this name that is wanted."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if wanted(told := in_the_log(file, field)):
            return told[-1]
        time.sleep(0.05)
    raise SystemExit(file.read_text())


class Receiver:
    """A website that takes what it is sent, hangs up without a word, and answers 400 to a repeat: nobody
    but a person can tell whether it has it."""

    def __init__(self):
        class Handler(BaseHTTPRequestHandler):
            seen = set()

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                known = self.headers["webhook-id"] in self.seen
                self.seen.add(self.headers["webhook-id"])
                if known:
                    self.send_error(400)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        Thread(target=self.server.serve_forever, daemon=True).start()


class Proxy:
    """What stands in front where phones come by HTTPS: ends TLS, and says who comes and how."""

    def __init__(self, to):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                inner = http.client.HTTPConnection("127.0.0.1", to, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "x-forwarded-for", "x-forwarded-proto")}
                headers |= {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
                inner.request(self.command, self.path, body, headers)
                answer = inner.getresponse()
                if answer.getheader("content-type", "").startswith("text/event-stream"):
                    self.send_error(502)
                    return
                data = answer.read()
                self.send_response(answer.status)
                for k, v in answer.getheaders():
                    if k.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(k, v)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = forward

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"https://localhost:{self.server.server_address[1]}"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls = Path(__file__).parent.parent / "fixtures/tls"
        context.load_cert_chain(tls / "one.pem", tls / "one.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        Thread(target=self.server.serve_forever, daemon=True).start()


class House:
    """A daemon in a folder of its own, and the browsers that visit it."""

    def __init__(self, binary, pictures):
        self.folder = tempfile.TemporaryDirectory(prefix="raotin-faces-")
        self.dir = Path(self.folder.name)
        (self.dir / "schedules").mkdir()
        self.receiver = Receiver()
        (self.dir / "secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        (self.dir / "secret").chmod(0o600)
        (self.dir / "raotin.toml").write_text(CONFIG.format(receiver=self.receiver.port))
        (self.dir / "schedules/sang.toml").write_text(SCHEDULE)
        self.binary, self.pictures = Path(binary).resolve(), pictures
        self.log = open(self.dir / "log", "w")
        self.daemon = subprocess.Popen([self.binary, "serve"], cwd=self.dir, stderr=self.log)
        self.base = until_told(self.dir / "log", "address")
        self.port = int(self.base.rsplit(":", 1)[1])
        self.link = until_told(self.dir / "log", "link")
        self.driver = Driver()
        self.open = []

    def configure(self, text):
        """Another configuration, and it holds."""
        read_again = lambda told: told.count("the configuration was read again")
        before = read_again(in_the_log(self.dir / "log", "message"))
        (self.dir / "raotin.toml").write_text(text)
        until_told(self.dir / "log", "message", lambda told: read_again(told) > before)

    def browser(self, name=None, **wishes):
        browser = Browser(self.driver, **wishes)
        self.open.append(browser)
        if name:
            browser.go(self.base + "/login")
            browser.type("#name", name)
            browser.type("#password", PASSWORD)
            browser.click("button.primary")
            browser.until(lambda: "/login" not in browser.at())
        return browser

    def first_admin(self):
        """Nguyễn Thị Lan, by the link that `serve` prints; at a desk."""
        admin = self.browser(width=1280, height=800)
        admin.go(self.link)
        admin.type("#title", "Nguyễn Thị Lan")
        admin.type("#name", "lan")
        self.picture(admin, "setup")
        admin.type("#password", PASSWORD)
        admin.type("#again", PASSWORD)
        admin.click("button.primary")
        admin.until(lambda: admin.at() == self.base + "/")
        return admin

    def picture(self, browser, name):
        if self.pictures:
            browser.picture(f"{self.pictures}/{name}.png")

    def close(self):
        for browser in self.open:
            try:
                browser.close()
            except (AssertionError, OSError):
                pass
        self.driver.close()
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(20)
        self.folder.cleanup()
