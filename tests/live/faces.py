#!/usr/bin/env python3
"""The pages in a real browser: Debian's chromium and chromium-driver (apt install chromium
chromium-driver), Python's standard library alone. Started by tests/live/run with the built binary.

    tests/live/faces.py target/debug/raotin [DIR]      pictures of the pages go to DIR

RAOTIN_WALKS names some of the walks (the functions below) to take those alone.
RAOTIN_AXE names axe-core's axe.min.js (npm pack axe-core); with it every page is looked at in both
languages and both colour schemes. RAOTIN_SCHEMATHESIS names schemathesis (from PyPI); with it the API is
fuzzed by its own document."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

from house import PASSWORD, House, Proxy, until_told
from webdriver import ELEMENT


# Where the office of these walks is: Asia/Ho_Chi_Minh, which knows no summer time.
OFFICE_ZONE = timezone(timedelta(hours=7))

# A phone widens its window to what does not fit: the page's own width tells it.
TOO_WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Each entry of the month, with a longer title, stands on its Sundays too. On the last day of a month that
# ends with its week all that comes stands on the next page: then one like them does.
FULL_SUNDAYS = """let entries = [...document.querySelectorAll('.month .e')];
    if (!entries.length) {
        const one = document.createElement('span');
        one.className = 'e wide-only';
        one.innerHTML = '<span class="drag">⠿</span><a href="/">○ 07:30<span class="hidden-text"> Telegram Trong hàng chờ</span></a>';
        entries = [one];
    }
    for (const day of document.querySelectorAll('.month td:last-child')) for (const entry of entries) {
        const more = day.appendChild(entry.cloneNode(true)), words = more.querySelector('a');
        words.insertBefore(document.createTextNode(' Thông báo lịch tiếp công dân '.repeat(3)), words.lastChild);
    }"""


def choose_password(browser, link):
    browser.go(link)
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.click("button.primary")


def the_first_admin_makes_the_others(house):
    admin = house.first_admin()
    for name, title, role in [
        ("hoa", "Hoàng Thị Hoa", "officer"),
        ("minh", "Trần Văn Minh", "approver"),
        ("thanh", "Lê Thị Thanh", "supervisor"),
    ]:
        admin.go(house.base + "/members")
        admin.type("#id", name)
        admin.type("#mname", title)
        officer = "input[name=role][value=officer]"
        if role != "officer":
            admin.click(officer)
            admin.click(f"input[name=role][value={role}]")
        admin.press("button", "Thêm và tạo liên kết mời")
        link = admin.until(lambda: admin.text("#onelink"))
        other = house.browser()
        choose_password(other, link)
        other.until(lambda: other.at().endswith("/login?set=1"))
    admin.go(house.base + "/members")
    house.picture(admin, "members")


def compose_approve_out(house):
    officer = house.browser("hoa")
    officer.go(house.base + "/compose")
    officer.type("#title", "Ngày hội đại đoàn kết toàn dân tộc")
    officer.type("#alink", "https://chodon.backan.gov.vn/tin/9")
    officer.type("#atext", "Bà con các dân tộc Tày, Nùng, Dao, Kinh cùng múa sạp, ném còn.")
    officer.until(lambda: "Ngày hội đại đoàn kết" in officer.text("#preview"))
    assert "sẽ chờ duyệt" in officer.text("#preview")
    # What is typed survives the page being closed.
    officer.go(house.base + "/")
    officer.go(house.base + "/compose")
    officer.until(lambda: officer.run("return document.querySelector('#title').value").startswith("Ngày hội"))
    officer.click("input[name=when][value=now]")
    house.picture(officer, "compose-360")
    officer.press("button", "Xếp hàng")
    officer.until(lambda: "/articles/" in officer.at())
    assert "Chờ duyệt" in officer.text(), officer.text()
    article = officer.at()

    approver = house.browser("minh", width=1280, height=800)
    assert "Bài chờ duyệt (1)" in approver.text()
    approver.go(house.base + "/approvals")
    house.picture(approver, "approvals")
    approver.press("button", "Duyệt")
    approver.until(lambda: "Đã duyệt." in approver.text())

    # The officer's open page tells by itself that it went out.
    officer.go(article)
    officer.until(lambda: "Đã đăng thử" in officer.text())
    officer.go(house.base + "/shares?q=dai+doan+ket")
    assert "Ngày hội đại đoàn kết" in officer.text()
    officer.go(house.base + "/shares?q=khong+co+gi+nhu+vay")
    assert "Không có lượt nào như vậy" in officer.text()
    return article


def a_hand_task(house, officer, title, link, channel="atk-cho-don", name="ATK Chợ Đồn"):
    officer.go(house.base + "/compose")
    officer.type("#title", title)
    officer.type("#alink", link)
    for box in officer.all("input[name=channel]"):
        checked = officer.run("return arguments[0].checked", {ELEMENT: box})
        value = officer.run("return arguments[0].value", {ELEMENT: box})
        if checked != (value == channel):
            officer.click(box)
    officer.click("input[name=when][value=now]")
    officer.press("button", "Xếp hàng")
    officer.until(lambda: "/articles/" in officer.at())
    officer.until(lambda: "Chờ chia sẻ thủ công" in officer.text())
    officer.go(house.base + "/hand")
    officer.press("a", name)
    officer.until(lambda: officer.find("#link"))


def shared_by_hand(house):
    officer = house.browser("hoa")
    a_hand_task(house, officer, "Ra quân làm đường giao thông", "https://chodon.backan.gov.vn/tin/1")
    house.picture(officer, "hand-360")
    width = officer.run(TOO_WIDE)
    assert width <= 0, f"the card is {width} px too wide"
    officer.press("button", "Sao chép nội dung")
    officer.until(lambda: "✓" in officer.text("button[data-copy]") or "chọn" in officer.text("button[data-copy]"))
    # Taken: others see whose it is.
    other = house.browser("minh")
    other.until(lambda: (other.go(house.base + "/hand"), "Hoàng Thị Hoa đang làm" in other.text())[1])
    # A link of another place is told, and what was typed stays.
    officer.type("#link", "https://example.org/x")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: officer.find(".note.bad"))
    assert officer.run("return document.querySelector('#link').value") == "https://example.org/x"
    officer.type("#link", "https://www.facebook.com/groups/atkchodon/posts/123456789/?ref=share")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())
    officer.press("button", "Hoàn tác")
    officer.until(lambda: "Đã hoàn tác" in officer.text())
    officer.type("#link", "https://www.facebook.com/groups/atkchodon/posts/123456789/")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())
    officer.go(house.base + "/reports")
    assert "ATK Chợ Đồn" in officer.text(), officer.text()
    house.picture(officer, "reports-360")


def confirmed_without_a_network(house):
    officer = house.browser("hoa")
    a_hand_task(house, officer, "Tiêm phòng dại cho chó mèo", "https://chodon.backan.gov.vn/tin/2")
    card = officer.at()
    officer.devtools("Network.enable")
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    officer.devtools("Network.emulateNetworkConditions", **offline)
    officer.type("#link", "https://www.facebook.com/groups/atkchodon/posts/22222/")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "đã giữ 1 xác nhận" in officer.text())
    officer.devtools("Network.emulateNetworkConditions", **{**offline, "offline": False})
    officer.until(lambda: officer.run("return localStorage.getItem('raotin-kept')") == "[]")
    officer.go(card)
    assert "không còn chờ ai làm" in officer.text(), officer.text()


def two_edit_one_article(house, article):
    one, two = house.browser("lan", width=1280, height=800), house.browser("minh", width=1280, height=800)
    officer = house.browser("hoa")
    officer.go(house.base + "/compose")
    officer.type("#title", "Hai người cùng sửa")
    officer.press("button", "Lưu nháp")
    officer.until(lambda: "/articles/" in officer.at())
    at = officer.at() + "/edit"
    one.go(at)
    two.go(at)
    one.type("#atext", "Bản của Lan")
    one.press("button", "Lưu")
    one.until(lambda: "Đã lưu bài." in one.text())
    two.type("#atext", "Bản của Minh")
    two.press("button", "Lưu")
    two.until(lambda: "Người khác đã sửa" in two.text())
    assert two.run("return document.querySelector('#atext').value") == "Bản của Minh"
    assert "Bản của Lan" in two.text()
    house.picture(two, "two-edit")
    two.press("button", "Lưu")
    two.until(lambda: "Đã lưu bài." in two.text())


def without_a_script(house):
    officer = house.browser("hoa", script=False)
    officer.go(house.base + "/compose")
    officer.type("#title", "Không cần JavaScript")
    officer.click("input[name=channel][value=fanpage]")
    officer.click("input[name=channel][value=telegram]")
    officer.press("button", "Xem trước")
    officer.until(lambda: "Không cần JavaScript" in officer.text("#preview"))
    officer.press("button", "Xếp hàng")
    officer.until(lambda: "Đã xếp hàng." in officer.text())
    for path in ["/", "/queue", "/queue/telegram", "/hand", "/calendar", "/shares", "/more"]:
        officer.go(house.base + path)
        assert officer.text(), path
    officer.go(house.base + "/queue/telegram")
    officer.click("input[name=chosen]")
    officer.press("button", "Hủy")
    officer.until(lambda: "Đã xử lý 1 lượt" in officer.text())
    officer.go(house.base + "/more")
    officer.press("button", "Đăng xuất")
    officer.until(lambda: officer.at().endswith("/login"))


def a_queue_by_drag(house):
    officer = house.browser("hoa", width=1280, height=900)
    for title in ["Bài một", "Bài hai", "Bài ba"]:
        officer.go(house.base + "/compose")
        officer.type("#title", title)
        officer.click("input[name=channel][value=fanpage]")
        officer.click("input[name=channel][value=telegram]")
        officer.press("button", "Xếp hàng")
        officer.until(lambda: "/articles/" in officer.at())
    officer.go(house.base + "/queue/telegram")
    titles = lambda: officer.run("return [...document.querySelectorAll('li[data-share] .t')].map(e => e.textContent)")
    assert titles() == ["Bài một", "Bài hai", "Bài ba"], titles()
    officer.drag(officer.all(".drag")[2], officer.all("li[data-share]")[0], y=-12)
    officer.until(lambda: titles() == ["Bài ba", "Bài một", "Bài hai"])
    officer.until(lambda: "Đã xử lý 1 lượt" in officer.text())
    officer.go(house.base + "/queue/telegram")
    assert titles() == ["Bài ba", "Bài một", "Bài hai"], titles()
    down = officer.all("button[aria-label^='Xuống']")
    officer.click(down[0])
    officer.until(lambda: titles() == ["Bài một", "Bài ba", "Bài hai"])
    house.picture(officer, "queue")


def a_group_and_a_schedule_from_the_pages(house):
    admin = house.browser("lan")
    admin.go(house.base + "/settings/channels")
    house.picture(admin, "settings-channel-new-360")
    admin.type("#f-title", "Chợ Đồn Mến yêu")
    admin.type("#f-url", "https://www.facebook.com/groups/chodonmenyeu")
    admin.type("#f-max_per_day", "ba")
    admin.press("button", "Lưu")
    admin.until(lambda: "số nguyên" in admin.text("#wrong"))
    assert admin.run("return document.querySelector('#f-title').value") == "Chợ Đồn Mến yêu"
    house.picture(admin, "settings-channel-wrong-360")
    admin.type("#f-max_per_day", "3")
    admin.press("button", "Lưu")
    admin.until(lambda: "Đã lưu, có hiệu lực ngay." in admin.text())
    assert admin.at().endswith("/channels/cho-don-men-yeu"), admin.at()
    admin.go(house.base + "/settings/schedules")
    admin.type("#f-id", "trua")
    admin.type("#times", "11:30")
    admin.until(lambda: "11:30 mỗi ngày làm việc, giờ Việt Nam" in admin.text("#preview"))
    admin.click("input[name=channels][value=cho-don-men-yeu]")
    house.picture(admin, "settings-schedule-new-360")
    admin.press("button", "Lưu")
    admin.until(lambda: "Đã lưu, có hiệu lực ngay." in admin.text())
    assert "11:30 mỗi ngày làm việc, giờ Việt Nam" in admin.text(), admin.text()
    assert "# " not in (house.dir / "schedules/trua.toml").read_text()
    # It holds at once: an officer shares there.
    officer = house.browser("hoa")
    a_hand_task(house, officer, "Hội xuân Ba Bể", "https://chodon.backan.gov.vn/tin/77",
                "cho-don-men-yeu", "Chợ Đồn Mến yêu")
    officer.type("#link", "https://www.facebook.com/groups/chodonmenyeu/posts/987654321/")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())
    officer.go(house.base + "/settings")
    assert "Không có quyền" in officer.text()


def composed(house, browser, title, channels, when="queue", at=None, text=None, picture=None):
    """Composed by the pointer; the article's address."""
    browser.go(house.base + "/compose")
    browser.type("#title", title)
    if text:
        browser.type("#atext", text)
    if picture:
        browser.run("for (const d of document.querySelectorAll('details')) d.open = true")
        browser.ask("POST", f"/element/{browser.find('#np')}/value", {"text": str(picture)})
        browser.type("#na", "Bà con múa sạp trên sân vận động")
    for box in browser.all("input[name=channel]"):
        checked, value = browser.run("return [arguments[0].checked, arguments[0].value]", {ELEMENT: box})
        if checked != (value in channels):
            browser.click(box)
    browser.click(f"input[name=when][value={when}]")
    if at:
        browser.run("document.querySelector('#at').value = arguments[0]", at)
    browser.press("button", "Xếp hàng")
    browser.until(lambda: "/articles/" in browser.at())
    return browser.at()


def gone_on_with_on_another_device(house):
    pc, phone = house.browser("hoa", width=1280, height=800), house.browser("hoa")
    pc.go(house.base + "/compose")
    pc.run("localStorage.clear()")
    pc.go(house.base + "/compose")
    pc.type("#title", "Lễ hội Lồng tồng")
    pc.type("#atext", "Viết dở trên máy tính")
    pc.click("input[name=channel][value=telegram]")
    phone.until(lambda: (phone.go(house.base + "/compose"), "Có bài đang soạn dở" in phone.text())[1])
    house.picture(phone, "left-360")
    phone.press("a", "Soạn tiếp")
    phone.until(lambda: phone.run("return document.querySelector('#atext')?.value") == "Viết dở trên máy tính")
    assert phone.run("return document.querySelector('input[name=channel][value=telegram]').checked")
    phone.press("button", "Xếp hàng")
    phone.until(lambda: "/articles/" in phone.at())
    phone.go(house.base + "/compose")
    assert "Có bài đang soạn dở" not in phone.text()


def the_calendar_by_drag(house):
    officer = house.browser("hoa", width=1280, height=900)
    # One each on three days: whatever day it is, there is one in this week or the next.
    for n in range(3):
        composed(house, officer, f"Bài dời trên lịch {n + 1}", ["telegram"])
    today = datetime.now(OFFICE_ZONE).date().isoformat()

    def movable():
        """The last share that is shown, and the day after it or the one before, if it is to come."""
        if not (grips := officer.all("[data-at] .drag:not([hidden])")):
            return None
        begun = officer.run("return arguments[0].dataset.from", {ELEMENT: grips[-1]})
        days = officer.run("return [...document.querySelectorAll('[data-day]')].map(e => e.dataset.day)")
        to_come = [d for d in days if d > today]
        after, before = [d for d in to_come if d > begun[:10]], [d for d in to_come if d < begun[:10]]
        return (grips[-1], begun, [*after[:1], *before[-1:]][0]) if after or before else None

    for view in ["list", "week", "month"]:
        officer.go(f"{house.base}/calendar?view={view}")
        house.picture(officer, f"calendar-{view}-1280")
        if not (found := movable()):
            # A week that ends has no day to come.
            officer.submit(officer.by_text("a", "Sau"))
            found = movable()
        held, begun, other = found
        share = officer.run("return arguments[0].dataset.move", {ELEMENT: held})
        officer.drag(held, officer.find(f"[data-day='{other}']"))
        officer.until(lambda: "Đã dời: sẽ đăng" in officer.text())
        now = officer.run("return document.querySelector(`[data-move='${arguments[0]}']`).dataset.from", share)
        assert now[:10] == other, (view, begun, other, now)
    # The same without dragging: by a form that the keyboard reaches.
    officer.go(f"{house.base}/calendar?view=list")
    officer.click(f"a[href^='/calendar/{share}?']")
    officer.until(lambda: officer.find("#at"))
    assert officer.run("return document.querySelector('#at').value") == now
    house.picture(officer, "calendar-move")
    officer.run("document.querySelector('#at').value = arguments[0]", now[:11] + "16:45")
    officer.press("button", "Đặt giờ")
    officer.until(lambda: "Đã dời: sẽ đăng 16:45" in officer.text())
    officer.go(f"{house.base}/calendar/{share}")
    officer.press("button", "Bỏ giờ cố định")
    officer.until(lambda: "Đã đưa lại vào hàng chờ" in officer.text())


TAB, ENTER, SPACE, SHIFT = "\ue004", "\ue007", " ", "\ue008"


def tab_to(browser, css, most=120):
    """By the Tab key alone; whatever is passed on the way shows that it has the focus."""
    for _ in range(most):
        browser.keys(TAB)
        seen = browser.run("""const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
            return e === document.body ? null : [e.matches(arguments[0]), s.outlineStyle, parseFloat(s.outlineWidth), r.width * r.height, e.outerHTML.slice(0, 90)]""", css)
        if seen:
            there, style, width, area, html = seen
            assert style != "none" and width >= 2, f"no visible focus on {html}"
            assert area > 0, f"the focus is on something unseen: {html}"
            if there:
                return
    raise AssertionError(f"the Tab key does not come to {css} on {browser.at()}")


def by_keyboard_alone(house):
    officer = house.browser(width=1280, height=800)
    officer.go(house.base + "/login")
    tab_to(officer, "#name")
    officer.keys(*"hoa")
    tab_to(officer, "#password")
    officer.ask("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": [{"type": k, "value": c} for c in PASSWORD for k in ("keyDown", "keyUp")]}]})
    officer.keys(ENTER)
    officer.until(lambda: officer.at() == house.base + "/")
    # Past everything that stands around a page, in one step.
    officer.keys(TAB)
    assert officer.run("return document.activeElement.matches('.skip')")
    officer.keys(ENTER)
    tab_to(officer, "main a[href='/compose']")
    officer.keys(ENTER)
    officer.until(lambda: officer.find("#title"))
    tab_to(officer, "#title")
    officer.keys(*"Ban phim")
    for channel in ["fanpage", "atk-cho-don"]:
        tab_to(officer, f"input[name=channel][value={channel}]")
        officer.keys(SPACE)
    tab_to(officer, "input[name=when]")
    officer.keys("\ue015")  # down: from the queue to now
    assert officer.run("return document.querySelector('input[name=when]:checked').value") == "now"
    tab_to(officer, "button[name=act][value=queue]")
    officer.keys(ENTER)
    officer.until(lambda: "/articles/" in officer.at())
    officer.until(lambda: "Chờ chia sẻ thủ công" in officer.text())
    tab_to(officer, "nav.side a[href='/hand']")
    officer.keys(ENTER)
    officer.until(lambda: officer.at().endswith("/hand"))
    tab_to(officer, "main a[href^='/hand/']")
    officer.keys(ENTER)
    officer.until(lambda: officer.find("#link"))
    for css in ["button[data-copy]", "a.btn[target=_blank]", "#link"]:
        tab_to(officer, css)
    officer.keys(*"https://www.facebook.com/groups/atkchodon/posts/77777/")
    tab_to(officer, "form[data-confirm] > button")
    officer.keys(ENTER)
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())
    tab_to(officer, ".note button")
    officer.keys(ENTER)
    officer.until(lambda: "Đã hoàn tác" in officer.text())
    tab_to(officer, "#link")
    tab_to(officer, "form[data-confirm] > button")
    officer.keys(ENTER)
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())


LAPPED = """
    const seen = [...document.querySelectorAll('main :is(a, button, input:not([type=hidden]), select, textarea, summary, label)')]
        .filter(e => e.offsetParent && !e.closest('.hidden-text, .stick'));
    const boxes = seen.map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width > 1 && r.height > 1);
    const found = [];
    boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
        if (a.contains(b) || b.contains(a)) return;
        const w = Math.min(p.right, q.right) - Math.max(p.left, q.left), h = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (w > 2 && h > 2) found.push(a.outerHTML.slice(0, 60) + ' | ' + b.outerHTML.slice(0, 60));
    }));
    const lost = seen.filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 && !e.closest('.scroll'); }).map(e => e.outerHTML.slice(0, 80));
    return [found, lost];"""


def at_200_percent(house):
    # 640 px of screen at 200 % are 320 px to the page.
    browser = house.browser("lan", width=320, height=400, ratio=2)
    for path in PAGES:
        browser.go(house.base + path)
        browser.run("for (const d of document.querySelectorAll('details')) d.open = true")
        wide = browser.run(TOO_WIDE)
        assert wide <= 0, f"{path} is {wide} px too wide"
        lapped, lost = browser.run(LAPPED)
        assert not lapped, f"{path}: {lapped}"
        assert not lost, f"{path}: out of sight: {lost}"
    browser.go(house.base + "/compose")
    house.picture(browser, "compose-320")


def nothing_moves_for_who_asked(house):
    browser = house.browser("lan", still=True)
    for path in PAGES:
        browser.go(house.base + path)
        moves = browser.run("""return [...document.querySelectorAll('*')].map(e => [e, getComputedStyle(e)])
            .filter(([, s]) => s.transitionDuration.split(',').some(d => parseFloat(d) > 0) || s.animationName !== 'none' || s.scrollBehavior === 'smooth')
            .map(([e]) => e.outerHTML.slice(0, 60))""")
        assert not moves, f"{path}: {moves}"


def a_png(folder):
    """Red, 400 × 300."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"\xb0\x20\x20" * 400 for _ in range(300))
    file = folder / "mua-sap.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 300, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return file


SHEET = """navigator.share = (data) => { window.given = [data.text, (data.files || []).map(f => f.type)]; return Promise.resolve(); };
    navigator.canShare = () => true;"""


def a_picture_goes_along(house):
    officer = house.browser("hoa", before=SHEET)
    composed(house, officer, "Múa sạp", ["atk-cho-don"], when="now", text="Cả xã cùng vui.", picture=a_png(house.dir))
    shown = "return [...document.querySelectorAll('main img')].map(i => [i.naturalWidth, i.alt])"
    officer.run("for (const i of document.querySelectorAll('img')) i.loading = 'eager'")
    officer.until(lambda: officer.run(shown) and officer.run(shown)[0][0] == 400)
    assert officer.run(shown)[0][1] == "Bà con múa sạp trên sân vận động"
    officer.until(lambda: "Chờ chia sẻ thủ công" in officer.text())
    officer.go(house.base + "/hand")
    officer.press("a", "Múa sạp")
    officer.until(lambda: officer.find("[data-picture]"))
    house.picture(officer, "hand-picture-360")
    # The phone's own share sheet gets the text and the picture, and the task is hers.
    officer.press("button", "Chia sẻ bằng ứng dụng")
    given = officer.until(lambda: officer.run("return window.given"))
    assert "Cả xã cùng vui." in given[0] and given[1] == ["image/png"], given
    other = house.browser("lan")
    other.until(lambda: (other.go(house.base + "/hand"), "Hoàng Thị Hoa đang làm" in other.text())[1])
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())


def stopped_taken_down_shared_again(house):
    officer, approver = house.browser("hoa"), house.browser("minh")
    approver.go(house.base + "/channels")
    approver.run("for (const d of document.querySelectorAll('details')) d.open = true")
    approver.type("form[action='/pause'] input[name=reason]", "Cơ quan yêu cầu dừng")
    approver.click("form[action='/pause'] button")
    approver.until(lambda: "Đang tạm dừng tất cả" in approver.text("body"))
    house.picture(approver, "stopped-360")
    officer.go(house.base + "/")
    assert "Cơ quan yêu cầu dừng" in officer.text("body")
    held = composed(house, officer, "Chờ lệnh", ["telegram"], when="now")
    time.sleep(7)
    officer.go(held)
    assert "Đã đăng thử" not in officer.text(), officer.text()
    approver.go(house.base + "/channels")
    approver.click("form[action='/resume'] button")
    approver.until(lambda: "Đang tạm dừng tất cả" not in approver.text("body"))

    article = composed(house, officer, "Đăng nhầm", ["atk-cho-don"], when="now")
    officer.until(lambda: "Chờ chia sẻ thủ công" in officer.text())
    officer.go(house.base + "/hand")
    officer.press("a", "Đăng nhầm")
    officer.until(lambda: officer.find("#link"))
    officer.type("#link", "https://www.facebook.com/groups/atkchodon/posts/99999/")
    officer.press("button", "Đã chia sẻ")
    officer.until(lambda: "Đã ghi nhận lượt chia sẻ" in officer.text())
    approver.go(article)
    approver.run("for (const d of document.querySelectorAll('details')) d.open = true")
    approver.press("button", "Gỡ bài")
    approver.until(lambda: "Đã nhận yêu cầu gỡ bài" in approver.text())
    # No program takes it down there: a person is asked to, with the link.
    officer.until(lambda: (officer.go(house.base + "/hand"), "Đăng nhầm" in officer.text())[1])
    officer.press("a", "Đăng nhầm")
    officer.until(lambda: "Cần gỡ bài này" in officer.text())
    house.picture(officer, "removal-360")
    assert officer.run("return document.querySelector('a.primary').href") == "https://www.facebook.com/groups/atkchodon/posts/99999/"
    officer.press("button", "Tôi đã gỡ bài")
    officer.until(lambda: "Đã ghi là đã gỡ" in officer.text())
    # Once more, knowingly.
    officer.go(article)
    officer.run("for (const d of document.querySelectorAll('details')) d.open = true")
    again = "form[action$='/again'] "
    officer.click(again + "input[name=channel][value=atk-cho-don]")
    officer.click(again + "input[name=again]")
    officer.click(again + "button")
    officer.until(lambda: "Đã xếp hàng." in officer.text())


def nobody_knows_but_a_person(house):
    officer = house.browser("hoa")
    article = composed(house, officer, "Không rõ đã tới chưa", ["cong"], when="now")
    officer.until(lambda: "Chưa rõ" in officer.text())
    officer.go(house.base + "/")
    officer.until(lambda: "Không rõ đã tới chưa" in officer.text())
    officer.press("a", "Cổng thông tin")
    officer.until(lambda: "Bài đã được đăng chưa?" in officer.text())
    house.picture(officer, "unsure-360")
    assert officer.run("return [...document.querySelectorAll('main a')].some(a => a.href.startsWith('https://chodon.backan.gov.vn'))")
    officer.type("#link", "https://chodon.backan.gov.vn/tin/44")
    officer.press("button", "Đã đăng")
    officer.until(lambda: "Đã ghi nhận." in officer.text())
    officer.go(article)
    assert "Đã đăng" in officer.text(), officer.text()


def totp(key, at):
    mac = hmac.new(base64.b32decode(key), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    number = struct.unpack(">I", mac[mac[-1] & 15:][:4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def a_second_factor(house):
    approver = house.browser("minh")
    approver.go(house.base + "/account")
    approver.run("for (const d of document.querySelectorAll('details')) d.open = true")
    key = approver.run("return document.querySelector('input[name=secret]').value")
    approver.type("#code", "000000")
    approver.press("button", "Bật xác nhận hai bước")
    approver.until(lambda: "không đúng" in approver.text())
    approver.run("for (const d of document.querySelectorAll('details')) d.open = true")
    key = approver.run("return document.querySelector('input[name=secret]').value")
    approver.type("#code", totp(key, time.time()))
    approver.press("button", "Bật xác nhận hai bước")
    approver.until(lambda: "Xác nhận hai bước đang bật" in approver.text())
    other = house.browser()
    other.go(house.base + "/login")
    other.type("#name", "minh")
    other.type("#password", PASSWORD)
    other.click("button.primary")
    other.until(lambda: other.find("#code"))
    house.picture(other, "second-360")
    # Each code works once: the next one is taken already.
    other.type("#code", totp(key, time.time() + 30))
    other.click("button.primary")
    other.until(lambda: other.at() == house.base + "/")
    # Off again, so that the others of these walks log in as before.
    approver.go(house.base + "/account")
    time.sleep(max(0, 31 - time.time() % 30))
    approver.type("#code", totp(key, time.time() + 30))
    approver.press("button", "Tắt xác nhận hai bước")
    approver.until(lambda: "Đã tắt xác nhận hai bước" in approver.text())


def behind_a_proxy(house):
    """One of the ways a phone comes by HTTPS; the others: tests/a_new_certificate_is_shown_at_once.rs and
    over_the_offices_own_network."""
    plain = (house.dir / "raotin.toml").read_text()
    house.configure(plain.replace("[web]\n", "[web]\ntrusted_proxy = \"127.0.0.1\"\n"))
    proxy = Proxy(house.port)
    browser = house.browser()

    def inside():
        browser.go(proxy.base + "/login")
        return browser.run("return isSecureContext") and browser.find("#name")

    browser.until(inside)
    browser.type("#name", "hoa")
    browser.type("#password", PASSWORD)
    browser.submit("button.primary")
    cookies = browser.devtools("Network.getCookies", urls=[proxy.base])["cookies"]
    assert any(c["name"] == "__Host-raotin" and c["secure"] and c["httpOnly"] for c in cookies), cookies
    browser.go(proxy.base + "/")
    assert "không mã hóa" not in browser.text("body")
    answer = http.client.HTTPSConnection("localhost", int(proxy.base.rsplit(":", 1)[1]), context=ssl._create_unverified_context())
    answer.request("GET", "/login")
    assert "max-age" in answer.getresponse().getheader("strict-transport-security", "")
    composed_at = f"{proxy.base}/compose"
    browser.go(composed_at)
    browser.type("#title", "Qua máy chủ trung gian")
    browser.click("input[name=channel][value=telegram]")
    browser.press("button", "Lưu nháp")
    browser.until(lambda: browser.at().startswith(proxy.base + "/articles/"))
    house.configure(plain)


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
            return s.getsockname()[0]
        except OSError:
            return None


LAN_CONFIG = """
[office]
name = "Xã Nghĩa Tá"
[web]
lan = true
listen = "0.0.0.0:0"
[[channels]]
id = "nhom"
title = "Nhóm xã"
platform = "zalo-group"
min_gap = "0s"
"""


def is_private(address):
    return bool(address and re.match(r"10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.", address))


# An address that no office's network has (RFC 5737).
STRANGER = "203.0.113.7"
# A network of nobody else's, gone with the last process in it.
A_NETWORK = f"""ip link set lo up && ip addr add 10.20.30.40/24 dev lo && ip addr add {STRANGER}/32 dev lo &&
ip route add default dev lo src 10.20.30.40 && exec "$@" """


def in_a_network_of_its_own(house):
    """The same walk once more, where there is an office's network; whether it could be walked."""
    alone = ["unshare", "--net", "sh", "-c", A_NETWORK, "sh"]
    if os.geteuid() != 0 or subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        return False
    again = [sys.executable, __file__, house.binary, *([house.pictures] if house.pictures else [])]
    ran = subprocess.run([*alone, *again], env={**os.environ, "RAOTIN_WALKS": "over_the_offices_own_network"})
    assert ran.returncode == 0
    return True


def over_the_offices_own_network(house):
    address = own_address()
    if not is_private(address):
        if not in_a_network_of_its_own(house):
            print(f"  this machine has no private address ({address}), and who runs this may not make one: not walked")
        return
    with tempfile.TemporaryDirectory(prefix="raotin-lan-") as folder:
        folder = Path(folder)
        (folder / "raotin.toml").write_text(LAN_CONFIG)
        log = open(folder / "log", "w")
        daemon = subprocess.Popen([house.binary, "serve"], cwd=folder, stderr=log)
        try:
            link = until_told(folder / "log", "link")
            assert (found := re.match(rf"(http://{re.escape(address)}:(\d+))/link/", link)), link
            base, port = found[1], int(found[2])
            browser = house.browser(before=SHEET)
            browser.go(link)
            browser.type("#title", "Nông Văn Bình")
            browser.type("#name", "binh")
            browser.type("#password", PASSWORD)
            browser.type("#again", PASSWORD)
            browser.click("button.primary")
            browser.until(lambda: browser.at() == base + "/")
            assert "HTTP không mã hóa" in browser.text("body")
            # A link works once. Nobody comes by a name that is not this machine's, nor from another network,
            # whatever a header says.
            other = house.browser()
            other.go(link)
            assert not other.all("#password"), other.text("body")
            head = {"x-forwarded-for": "10.20.30.41", "x-forwarded-proto": "https"}
            for source, wanted in [(address, 303), (STRANGER, 403)]:
                try:
                    come = http.client.HTTPConnection(address, port, timeout=10, source_address=(source, 0))
                    come.request("GET", "/", headers=head)
                except OSError:
                    print(f"  no request can come from {source} here")
                    continue
                answer = come.getresponse()
                assert answer.status == wanted, (source, answer.status)
                assert not answer.getheader("strict-transport-security")
                assert ("raotin.toml" in answer.read().decode()) == (wanted == 403)
            cookies = browser.devtools("Network.getCookies", urls=[base])["cookies"]
            assert [(c["name"], c["httpOnly"], c["sameSite"]) for c in cookies] == [("raotin", True, "Strict")], cookies
            browser.go(base + "/members/binh")
            browser.click("input[name=role][value=officer]")
            browser.click("form[action='/members/binh'] button")
            browser.until(lambda: "Đã lưu." in browser.text("body"))
            composed(SimpleNamespace(base=base), browser, "Họp thôn", ["nhom"], when="now")
            browser.until(lambda: "Chờ chia sẻ thủ công" in browser.text())
            browser.go(base + "/hand")
            browser.press("a", "Nhóm xã")
            browser.until(lambda: browser.find("#link"))
            assert not browser.run("return isSecureContext || 'serviceWorker' in navigator")
            browser.press("button", "Sao chép nội dung")
            browser.until(lambda: browser.run("const t = document.querySelector('#text'); return t.selectionEnd - t.selectionStart === t.value.length"))
            house.picture(browser, "lan-360")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(20)


def a_supervisor_looks_and_changes_nothing(house):
    supervisor = house.browser("thanh", width=768, height=1024)
    assert "Soạn" not in supervisor.text("nav.bottom")
    for path in ["/", "/queue", "/shares", "/calendar?view=month", "/reports", "/channels", "/schedules", "/approvals"]:
        supervisor.go(house.base + path)
        buttons = supervisor.run("return [...document.querySelectorAll('main form[method=post] button')].map(e => e.textContent)")
        assert not buttons, f"{path} offers {buttons}"
    supervisor.go(house.base + "/compose")
    assert "Không có quyền" in supervisor.text()
    supervisor.go(house.base + "/calendar?view=month")
    house.picture(supervisor, "calendar-768")


PAGES = ["/", "/compose", "/hand", "/queue", "/queue/telegram", "/approvals", "/calendar", "/calendar?view=week", "/calendar?view=month",
         "/shares", "/reports", "/channels", "/channels/fanpage", "/schedules", "/schedules/sang", "/members",
         "/members/hoa", "/account", "/help", "/more", "/settings", "/settings/changes", "/settings/channels", "/settings/groups",
         "/settings/topics", "/settings/schedules", "/settings/channels/atk-cho-don", "/settings/schedules/sang", "/feeds",
         "/settings/feeds", "/import", "/backfill"]


def every_page_fits_and_is_light(house):
    for width, height in [(360, 640), (768, 1024), (1280, 800)]:
        browser = house.browser("lan", width=width, height=height)
        for path in PAGES:
            browser.go(house.base + path)
            wide = browser.run(TOO_WIDE)
            assert wide <= 0, f"{path} is {wide} px too wide at {width}"
            assert not browser.log(), (path, browser.log())
            if width == 360:
                small = browser.run("""return [...document.querySelectorAll('main button, main a.btn, main a.row, nav.bottom a, main select, main input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
                    .filter(e => e.offsetParent && !e.closest('.hidden-text') && !e.matches('.hidden-text') && e.getBoundingClientRect().height < 43.5)
                    .map(e => e.outerHTML.slice(0, 80))""")
                assert not small, f"{path}: too small for a thumb: {small}"
            name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "today"
            house.picture(browser, f"all-{name}-{width}")
            if path.endswith("month"):
                # Whatever day it is: the fullest day might be a Sunday, in the last column.
                browser.run(FULL_SUNDAYS)
                wide = browser.run(TOO_WIDE)
                assert wide <= 0, f"{path} is {wide} px too wide at {width} with full Sundays"
    browser = house.browser("lan")
    browser.go(house.base + "/hand")
    cards = [f"/hand/{a.rsplit('/', 1)[1]}" for a in browser.run("return [...document.querySelectorAll(\"main a.row[href^='/hand/']\")].map(a => a.href)")][:1]
    small = ["/", "/compose", *cards]
    for path in [*small, *(p for p in PAGES if p not in small)]:
        most = 60_000 if path in small else 150_000
        browser.run("performance.clearResourceTimings()")
        browser.go(house.base + path)
        time.sleep(0.3)
        sizes = browser.run("""return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
            .map(e => [new URL(e.name).pathname, e.decodedBodySize])""")
        total = sum(size for _, size in sizes)
        print(f"  {path}: {total} bytes in {len(sizes)} requests: {sizes}")
        assert total <= most, f"{path} weighs {total} bytes"
        assert most > 60_000 or len(sizes) <= 4, f"{path} asks {len(sizes)} times"
        elsewhere = browser.run("return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin))")
        assert not elsewhere, elsewhere


def axe_finds_nothing(house):
    script = os.environ.get("RAOTIN_AXE")
    if not script:
        print("  RAOTIN_AXE is not set: not looked at with axe-core")
        return
    axe = Path(script).read_text()
    found = []
    for dark in [False, True]:
        for lang in ["vi", "en"]:
            browser = house.browser("lan", width=1280, height=800, dark=dark)
            browser.go(house.base + "/account")
            browser.click(f"input[name=lang][value={lang}]")
            browser.submit("form[action='/account/lang'] button")
            browser.until(lambda: browser.run("return document.documentElement.lang") == lang)
            for path in PAGES:
                browser.go(house.base + path)
                browser.devtools("Runtime.evaluate", expression=axe)
                result = browser.devtools("Runtime.evaluate", awaitPromise=True, returnByValue=True, expression="""
                    axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
                    .then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120) + ' ' + (n.any[0]?.message || ''))])))""")
                for rule, nodes in json.loads(result["result"]["value"]):
                    found.append(f"{path} {lang} {'dark' if dark else 'light'}: {rule}: {nodes}")
            browser.close()
    assert not found, "\n".join(found)


def the_api_answers_as_its_document_says(house):
    fuzzer = os.environ.get("RAOTIN_SCHEMATHESIS")
    if not fuzzer:
        print("  RAOTIN_SCHEMATHESIS is not set: the API is not fuzzed")
        return
    admin = house.browser("lan", width=1280, height=800)
    admin.go(house.base + "/account")
    admin.run("for (const d of document.querySelectorAll('details')) d.open = true")
    admin.type("#tn", "schemathesis")
    admin.click("input[name=scope][value=write]")
    admin.click("form[action='/account/tokens'] button")
    token = admin.until(lambda: admin.text(".note .secret"))
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    ran = subprocess.run([fuzzer, "run", house.base + "/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}",
                          "--max-examples", "20", "--checks", checks],
                         cwd=house.dir, capture_output=True, text=True, timeout=500)
    print("  " + "\n  ".join(line for line in ran.stdout.splitlines() if "generated" in line))
    assert ran.returncode == 0, ran.stdout[-4000:]


def main():
    binary, pictures = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    house, failed = House(binary, pictures), []
    try:
        article = None
        for step in [the_first_admin_makes_the_others, compose_approve_out, shared_by_hand,
                     confirmed_without_a_network, two_edit_one_article, without_a_script, a_queue_by_drag,
                     a_group_and_a_schedule_from_the_pages, gone_on_with_on_another_device,
                     the_calendar_by_drag, by_keyboard_alone, a_picture_goes_along,
                     stopped_taken_down_shared_again, nobody_knows_but_a_person, a_second_factor, behind_a_proxy,
                     over_the_offices_own_network, a_supervisor_looks_and_changes_nothing,
                     every_page_fits_and_is_light, at_200_percent, nothing_moves_for_who_asked, axe_finds_nothing,
                     the_api_answers_as_its_document_says]:
            # The first makes the people; RAOTIN_WALKS names some of the others.
            named = os.environ.get("RAOTIN_WALKS", "").split()
            if named and step is not the_first_admin_makes_the_others and step.__name__ not in named:
                continue
            print(f"{step.__name__.replace('_', ' ')} …", flush=True)
            begun = time.monotonic()
            given = [article] if step is two_edit_one_article else []
            try:
                article = step(house, *given) or article
            except (AssertionError, StopIteration) as error:
                for browser in house.open[-2:]:
                    try:
                        print(browser.at(), browser.text("body")[:1500], "\n", flush=True)
                    except AssertionError:
                        pass  # closed
                traceback.print_exception(error, limit=-2)
                failed.append(step.__name__)
                continue
            print(f"  ok ({time.monotonic() - begun:.1f} s)", flush=True)
    finally:
        house.close()
    if failed:
        raise SystemExit(f"not as it should be: {', '.join(failed)}")


if __name__ == "__main__":
    main()
