#!/usr/bin/env python3
"""Where articles come from by themselves, in a real browser: feeds in every state there is, one found,
added and looked at from a phone, an entry's picture in its article. Started by tests/live/run with the
built binary.

    tests/live/feeds.py target/debug/raotin [DIR]      pictures of the pages go to DIR"""
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import faces
import house as homes
from house import House
from links import png

ITEM = """<item><title>{0}</title><link>{1}/tin/{2}</link><guid isPermaLink="false">{2}</guid>
<enclosure url="{1}/anh.png" type="image/png" length="1"/><description>{3}</description></item>"""
RSS = """<rss version="2.0"><channel><title>Cổng thông tin điện tử huyện Chợ Đồn</title>{}</channel></rss>"""
PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Huyện Chợ Đồn</title>
<link rel="alternate" type="application/rss+xml" title="Tin tức – Sự kiện" href="/tin-tuc.rss">
<link rel="alternate" type="application/rss+xml" title="Thông báo của Ủy ban nhân dân" href="/thong-bao/rss?chuyen-muc=thong-bao&amp;trang=1&amp;kieu=day-du"></head></html>"""
FEEDS = """
[fetch]
allow = ["127.0.0.1"]
[[feeds]]
id = "huyen"
title = "Cổng thông tin điện tử huyện Chợ Đồn"
url = "{site}/huyen.rss"
topic = "van-hoa"
channels = ["telegram", "atk-cho-don"]
approval = "required"
max_per_day = 2
words = ["vệ sinh", "tiêm phòng", "nông thôn mới"]
without = ["quảng cáo"]
categories = ["Tin địa phương"]
every = "1m"
[[feeds]]
id = "loi"
title = "Trang lỗi"
url = "{site}/loi"
[[feeds]]
id = "khong-phai"
title = "Trang không phải nguồn tin"
url = "{site}/"
[[feeds]]
id = "hong"
title = "Nguồn hỏng giữa chừng"
url = "{site}/hong.rss"
[[feeds]]
id = "chuyen"
title = "Nguồn đã chuyển"
url = "{site}/cu.rss"
[[feeds]]
id = "bo"
title = "Nguồn đã bỏ"
url = "{site}/bo.rss"
[[feeds]]
id = "tat"
title = "Nguồn đang tắt, chưa đọc lần nào"
url = "{site}/tat.rss"
enabled = false
"""


STANDS = ["HTTP 500", "không phải nguồn tin", "lỗi giữa chừng", "đã chuyển hẳn", "Đã ngừng", "Đang tắt", "Đã lấy 2 bài",
          "chờ sang ngày khác", "Mọi bài phải duyệt"]


class Website(BaseHTTPRequestHandler):
    edited = False

    def do_GET(self):
        site = f"http://127.0.0.1:{self.server.server_port}"
        item = lambda n, title, category="": ITEM.format(title, site, n, "Sáng mai, tại nhà văn hóa các thôn.").replace("</item>", f"<category>{category}</category></item>")
        local = "Tin địa phương"
        title = "Ra quân dọn vệ sinh môi trường" + (" (sửa giờ)" if Website.edited else "")
        xml = "application/rss+xml"
        status, kind, body = {
            "/": (200, "text/html; charset=utf-8", PAGE),
            "/anh.png": (200, "image/png", png(640, 420)),
            "/huyen.rss": (200, xml, RSS.format("".join(item(f"tin-{n}", title if n == 9 else f"Xã nông thôn mới số {n}", local) for n in range(9, 5, -1)))),
            "/tin-tuc.rss": (200, xml, RSS.format(item("moi-1", "Lễ hội Lồng tồng xuân 2027"))),
            "/hong.rss": (200, xml, RSS.format(item("hong-1", "Một bài đọc được"))[:-60]),
            "/moi.rss": (200, xml, RSS.format("")),
            "/cu.rss": (301, "text/plain", ""),
            "/bo.rss": (410, "text/plain", ""),
            "/loi": (500, "text/plain", "oops"),
        }.get(self.path.split("?")[0], (404, "text/plain", ""))
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        if status == 301:
            self.send_header("location", "/moi.rss")
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def every_feed_says_how_it_stands(house):
    officer = house.browser("hoa", width=1280, height=900)
    lacks = []

    def stands():
        officer.go(house.base + "/feeds")
        text = officer.text()
        lacks.clear()
        lacks.extend(said for said in STANDS if said not in text)
        return not lacks
    try:
        officer.until(stands)
    except AssertionError:
        raise AssertionError(f"{lacks} in\n{officer.text()}")
    house.picture(officer, "feeds-1280")
    officer.go(house.base + "/")
    assert "Trang lỗi" in officer.text(), "Today tells what is in trouble"


def found_added_and_looked_at_from_a_phone(house, site):
    admin = house.browser("lan")
    admin.go(house.base + "/feeds")
    house.picture(admin, "feeds-360")
    admin.type("#url", site + "/")
    admin.press("button", "Tìm")
    admin.until(lambda: "Tin tức – Sự kiện" in admin.text("#find"))
    house.picture(admin, "feeds-found-360")
    admin.click("#find a.btn")
    admin.until(lambda: admin.run("return document.querySelector('#f-title').value") == "Tin tức – Sự kiện")
    assert admin.run("return document.querySelector('#f-url').value") == site + "/tin-tuc.rss"
    house.picture(admin, "feed-new-360")
    admin.click("input[name=channels][value=telegram]")
    admin.press("button", "Lưu")
    admin.until(lambda: "Đã lưu" in admin.text("body"))
    admin.until(lambda: "Tin tức – Sự kiện" in admin.text())
    admin.submit("#tin-tuc-su-kien form button")
    admin.until(lambda: (admin.go(house.base + "/articles"), "Lễ hội Lồng tồng" in admin.text())[1])
    admin.press("a", "Lễ hội Lồng tồng")
    admin.run("for (const i of document.querySelectorAll('img')) i.loading = 'eager'")
    admin.until(lambda: admin.run("return [...document.querySelectorAll('main img')].some(i => i.naturalWidth)"))
    assert admin.all("main a[href='/feeds#tin-tuc-su-kien']"), "it says where it is from"
    house.picture(admin, "feed-article-360")
    # Changed: the form has what stands there, and says what is wrong beside its field.
    admin.go(house.base + "/settings/feeds/tin-tuc-su-kien")
    admin.run("for (const d of document.querySelectorAll('details')) d.open = true")
    admin.type("#f-every", "nhanh")
    admin.press("button", "Lưu")
    admin.until(lambda: admin.find("#e-every"))
    house.picture(admin, "feed-wrong-360")
    admin.run("document.querySelector('#f-every').value = '2h'; document.querySelector('#f-words').value = 'lễ hội, mùa xuân'")
    admin.press("button", "Lưu")
    admin.until(lambda: "lễ hội, mùa xuân" in admin.text())


def an_edit_takes_its_title_from_the_link(house, site):
    officer = house.browser("hoa", width=768, height=1024, script=False)
    officer.go(house.base + "/articles?q=Lồng")
    officer.press("a", "Lễ hội Lồng tồng")
    # Hers it is not: only who may change it has the form.
    assert not officer.all("main a[href$='/edit']")
    approver = house.browser("minh", width=768, height=1024, script=False)
    approver.go(house.base + "/articles?q=Lồng")
    approver.press("a", "Lễ hội Lồng tồng")
    edit = approver.at() + "/edit"
    approver.go(edit)
    approver.run("document.querySelector('#title').value = ''")
    approver.run("document.querySelector('#alink').value = arguments[0]", site + "/")
    approver.press("button", "Lấy tiêu đề và ảnh")
    approver.until(lambda: approver.run("return document.querySelector('#title').value") == "Huyện Chợ Đồn")
    house.picture(approver, "edit-found-768")


def main(binary, pictures=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    homes.CONFIG += FEEDS.format(site=site)
    house = House(binary, pictures)
    try:
        faces.the_first_admin_makes_the_others(house)
        every_feed_says_how_it_stands(house)
        found_added_and_looked_at_from_a_phone(house, site)
        an_edit_takes_its_title_from_the_link(house, site)
        faces.PAGES = ["/feeds", f"/feeds?url={site}/", "/settings/feeds", "/settings/feeds/huyen"]
        faces.every_page_fits_and_is_light(house)
        faces.at_200_percent(house)
        faces.axe_finds_nothing(house)
    finally:
        house.close()
    print("feeds: ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
