#!/usr/bin/env python3
"""The pages in a real browser: Debian's chromium and chromium-driver (apt install chromium
chromium-driver), Python's standard library alone. Started by tests/live/run with the built binary.

    tests/live/faces.py target/debug/raotin [DIR]      pictures of the pages go to DIR

RAOTIN_AXE names axe-core's axe.min.js (npm pack axe-core); with it every page is looked at in both
languages and both colour schemes. RAOTIN_SCHEMATHESIS names schemathesis (from PyPI); with it the API is
fuzzed by its own document."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from webdriver import Browser, Driver

PASSWORD = "mùa xuân trên bản"
CONFIG = """
[office]
name = "Phòng Văn hóa và Thông tin huyện Chợ Đồn"
lang = "vi"
default_channels = ["fanpage"]
[web]
listen = "127.0.0.1:{port}"
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
[[topics]]
id = "van-hoa"
title = "Văn hóa"
"""
SCHEDULE = 'cron = "30 7 * * *"\nchannels = ["telegram", "atk-cho-don"]\n'


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class House:
    """A daemon in a folder of its own, and the browsers that visit it."""

    def __init__(self, binary, pictures):
        self.folder = tempfile.TemporaryDirectory(prefix="raotin-faces-")
        self.dir, self.port = Path(self.folder.name), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        (self.dir / "schedules").mkdir()
        (self.dir / "raotin.toml").write_text(CONFIG.format(port=self.port))
        (self.dir / "schedules/sang.toml").write_text(SCHEDULE)
        self.binary, self.pictures = Path(binary).resolve(), pictures
        self.log = open(self.dir / "log", "w")
        self.daemon = subprocess.Popen([self.binary, "serve"], cwd=self.dir, stderr=self.log)
        self.link = self.until_logged("link")
        self.driver = Driver(free_port())
        self.open = []

    def until_logged(self, field):
        for _ in range(200):
            for line in (self.dir / "log").read_text().splitlines():
                fields = json.loads(line).get("fields", {})
                if field in fields:
                    return fields[field]
            time.sleep(0.05)
        raise SystemExit((self.dir / "log").read_text())

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


def choose_password(browser, link):
    browser.go(link)
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.click("button.primary")


def the_first_admin_makes_the_others(house):
    admin = house.browser(width=1280, height=800)
    admin.go(house.link)
    admin.type("#title", "Nguyễn Thị Lan")
    admin.type("#name", "lan")
    house.picture(admin, "setup")
    admin.type("#password", PASSWORD)
    admin.type("#again", PASSWORD)
    admin.click("button.primary")
    admin.until(lambda: admin.at() == house.base + "/")
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
        other.until(lambda: other.at().endswith("/login"))
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
    officer.until(lambda: "Đã đăng thử" in officer.text(), 30)
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
        checked = officer.run("return arguments[0].checked", {"element-6066-11e4-a52e-4f735466cecf": box})
        value = officer.run("return arguments[0].value", {"element-6066-11e4-a52e-4f735466cecf": box})
        if checked != (value == channel):
            officer.click(box)
    officer.click("input[name=when][value=now]")
    officer.press("button", "Xếp hàng")
    officer.until(lambda: "/articles/" in officer.at())
    officer.until(lambda: "Chờ chia sẻ thủ công" in officer.text(), 30)
    officer.go(house.base + "/hand")
    officer.press("a", name)
    officer.until(lambda: officer.find("#link"))


def shared_by_hand(house):
    officer = house.browser("hoa")
    a_hand_task(house, officer, "Ra quân làm đường giao thông", "https://chodon.backan.gov.vn/tin/1")
    house.picture(officer, "hand-360")
    width = officer.run("return document.documentElement.scrollWidth - innerWidth")
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
    officer.until(lambda: "Đã làm với 1 lượt" in officer.text())
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
    grips, rows = officer.all(".drag"), officer.all("li[data-share]")
    wrap = lambda e: {"element-6066-11e4-a52e-4f735466cecf": e}
    officer.ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "m", "parameters": {"pointerType": "mouse"}, "actions": [
        {"type": "pointerMove", "duration": 0, "origin": wrap(grips[2]), "x": 0, "y": 0},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerMove", "duration": 150, "origin": wrap(rows[0]), "x": 0, "y": -12},
        {"type": "pointerUp", "button": 0}]}]})
    officer.until(lambda: titles() == ["Bài ba", "Bài một", "Bài hai"])
    officer.until(lambda: "Đã làm với 1 lượt" in officer.text())
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


PAGES = ["/", "/compose", "/hand", "/queue", "/queue/telegram", "/approvals", "/calendar", "/calendar?view=month",
         "/shares", "/reports", "/channels", "/channels/fanpage", "/schedules", "/schedules/sang", "/members",
         "/members/hoa", "/account", "/help", "/more", "/settings", "/settings/channels", "/settings/groups",
         "/settings/topics", "/settings/schedules", "/settings/channels/atk-cho-don", "/settings/schedules/sang"]


def every_page_fits_and_is_light(house):
    for width, height in [(360, 640), (768, 1024), (1280, 800)]:
        browser = house.browser("lan", width=width, height=height)
        for path in PAGES:
            browser.go(house.base + path)
            wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is {wide} px too wide at {width}"
            assert not browser.log(), (path, browser.log())
            if width == 360:
                small = browser.run("""return [...document.querySelectorAll('main button, main a.btn, main a.row, nav.bottom a, main select, main input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
                    .filter(e => e.offsetParent && !e.closest('.hidden-text') && !e.matches('.hidden-text') && e.getBoundingClientRect().height < 43.5)
                    .map(e => e.outerHTML.slice(0, 80))""")
                assert not small, f"{path}: too small for a thumb: {small}"
            name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "today"
            house.picture(browser, f"all-{name}-{width}")
    browser = house.browser("lan")
    for path, most in [("/", 60_000), ("/compose", 60_000), ("/shares", 150_000), ("/help", 150_000)]:
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
            browser.click("form[action='/account/lang'] button")
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
                          "--max-examples", "20", "--checks", checks], capture_output=True, text=True, timeout=500)
    print("  " + "\n  ".join(line for line in ran.stdout.splitlines() if "generated" in line))
    assert ran.returncode == 0, ran.stdout[-4000:]


def main():
    binary, pictures = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    house = House(binary, pictures)
    try:
        article = None
        for step in [the_first_admin_makes_the_others, compose_approve_out, shared_by_hand,
                     confirmed_without_a_network, two_edit_one_article, without_a_script, a_queue_by_drag,
                     a_group_and_a_schedule_from_the_pages, a_supervisor_looks_and_changes_nothing, every_page_fits_and_is_light, axe_finds_nothing,
                     the_api_answers_as_its_document_says]:
            print(f"{step.__name__.replace('_', ' ')} …", flush=True)
            begun = time.monotonic()
            given = [article] if step is two_edit_one_article else []
            try:
                article = step(house, *given) or article
            except AssertionError:
                for browser in house.open[-3:]:
                    try:
                        print(browser.at(), browser.text("body")[:1500], "\n", flush=True)
                    except AssertionError:
                        pass  # closed
                raise
            print(f"  ok ({time.monotonic() - begun:.1f} s)", flush=True)
    finally:
        house.close()


if __name__ == "__main__":
    main()
