#!/usr/bin/env python3
"""Compose fills itself, in a real browser: a website on loopback, a link pasted on a phone, with and
without JavaScript. Started by tests/live/run with the built binary.

    tests/live/links.py target/debug/raotin [DIR]      pictures of the pages go to DIR"""
import struct
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import house as homes
from house import House

PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Ra quân dọn vệ sinh - Huyện Chợ Đồn</title>
<meta property="og:site_name" content="Cổng TTĐT huyện Chợ Đồn"><meta property="og:title" content="Ra quân dọn vệ sinh môi trường, hưởng ứng ngày Chủ nhật xanh">
<meta property="og:description" content="Sáng 28/8, gần 300 đoàn viên, thanh niên các xã và thị trấn Bằng Lũng đã ra quân dọn vệ sinh môi trường.">
<meta property="og:image" content="/anh.png"><meta property="article:published_time" content="2019-08-28T14:30:00+07:00"></head>"""


def png(width, height):
    """A picture: green above, earth below."""
    rows = b"".join(b"\0" + (b"\x3a\x8f\x5c" if y < height * 2 // 3 else b"\x8a\x6a\x42") * width for y in range(height))
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


class Website(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, body = {
            "/tin": ("text/html; charset=utf-8", PAGE.encode()),
            "/anh.png": ("image/png", png(640, 420)),
        }.get(self.path.split("?")[0], ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


PASTE = """const f = document.querySelector('#alink'); f.focus(); f.value = arguments[0];
f.dispatchEvent(new Event('paste', {bubbles: true})); f.dispatchEvent(new Event('input', {bubbles: true}));"""


def a_pasted_link_brings_its_title(house, site):
    officer = house.browser("lan")
    officer.go(house.base + "/compose")
    house.picture(officer, "compose-empty-360")
    officer.run(PASTE, site + "/tin")
    officer.until(lambda: officer.run("return document.querySelector('#title').value").startswith("Ra quân"))
    assert "300 đoàn viên" in officer.run("return document.querySelector('#atext').value")
    officer.until(lambda: "Ra quân" in officer.text("#preview"))
    wide = officer.run("return document.documentElement.scrollWidth")
    assert wide <= 360, f"{wide} px wide"
    house.picture(officer, "compose-found-360")
    # Another link brings another title where nobody typed; what was typed stays.
    officer.type("#title", "Tôi tự đặt")
    officer.run(PASTE, site + "/tin?b=2")
    officer.until(lambda: "b=2" in officer.text("#preview"))
    assert officer.run("return document.querySelector('#title').value") == "Tôi tự đặt"
    officer.run(PASTE, site + "/khong-co")
    officer.until(lambda: "không cho đọc" in officer.text("#found"))
    house.picture(officer, "compose-not-found-360")
    assert not [line for line in officer.log() if "404" not in line], officer.log()


def without_javascript_the_button_does_it(house, site):
    officer = house.browser("lan", width=768, height=1024, script=False)
    officer.go(house.base + "/compose")
    officer.type("#alink", site + "/tin")
    officer.press("button", "Lấy tiêu đề và ảnh")
    officer.until(lambda: officer.run("return document.querySelector('#title').value").startswith("Ra quân"))
    house.picture(officer, "compose-found-768")
    officer.click("#found input[name=picture]")
    officer.press("button", "Xem trước")
    officer.until(lambda: officer.all("#preview .pics img"))
    house.picture(officer, "compose-picture-768")


def at_a_desk(house, site):
    officer = house.browser("lan", width=1280, height=900)
    officer.go(house.base + "/compose")
    officer.run(PASTE, site + "/tin")
    officer.until(lambda: "Ra quân" in officer.text("#preview"))
    house.picture(officer, "compose-found-1280")


def main(binary, pictures=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    homes.CONFIG += '[fetch]\nallow = ["127.0.0.1"]\n'
    house = House(binary, pictures)
    try:
        house.first_admin()
        a_pasted_link_brings_its_title(house, site)
        without_javascript_the_button_does_it(house, site)
        at_a_desk(house, site)
    finally:
        house.close()
    print("links: ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
