#!/usr/bin/env python3
"""Lists that are brought, in a real browser: every stage of a file, both kinds, in both languages and colour
schemes, on a phone, a tablet and a desk. Started by tests/live/run with the built binary.

    tests/live/lists.py target/debug/raotin [DIR]      pictures of the pages go to DIR

RAOTIN_AXE names axe-core's axe.min.js; with it every page is looked at."""
import json
import os
import sys
from pathlib import Path

from house import House

ARTICLES = """Phòng Văn hóa và Thông tin;;;;;
STT;Tiêu đề;Nội dung;Liên kết;Kênh;Ngày giờ
1;Lễ hội Lồng tồng Chợ Đồn: giữ hồn quê giữa đại ngàn;Mời bà con về dự.;https://chodon.backan.gov.vn/tin/301;ATK Chợ Đồn;25/12/2030 7h30
2;Tiêm phòng đợt 2 tại trạm y tế các xã, thị trấn;Mang theo sổ tiêm.;https://chodon.backan.gov.vn/tin/302;Telegram Tin Chợ Đồn, ATK Chợ Đồn;
3;;;https://chodon.backan.gov.vn/tin/303-mot-dia-chi-rat-dai-khong-co-tieu-de-de-xem-no-co-lam-vo-trang-hay-khong;;
4;Lạc kênh;x;;Hương Sen Vịt;
5;Sai ngày;x;;ATK Chợ Đồn;32/1/2030 7:00
6;Thiếu giờ;x;;ATK Chợ Đồn;25/12/2030
"""
PAST = """Ngày;Kênh;Tiêu đề;Liên kết;Người đăng;Link bài đăng
28/8/2019;ATK Chợ Đồn;Chợ Đồn kỷ niệm ngày truyền thống;https://chodon.backan.gov.vn/tin/101;Lan;https://www.facebook.com/groups/atkchodon/posts/1001/
16/3/2020;ATK Chợ Đồn;Phòng, chống dịch COVID-19: việc cần làm;https://chodon.backan.gov.vn/tin/140;Trạm y tế;
"""
MORE_PAST = PAST + """30/8/2019;ATK Chợ Đồn;Chợ Đồn kỷ niệm;http://www.chodon.backan.gov.vn/tin/101?utm_source=fb;Lan;
1/4/2021;ATK Chợ Đồn;Bài khác hẳn;;Hòa;https://m.facebook.com/groups/atkchodon/permalink/1001/
23/5/2021 19:00;ATK Chợ Đồn;Ngày bầu cử ở xã vùng cao;https://chodon.backan.gov.vn/tin/215;Hòa;
24/5/2021;ATK Chợ Đồn;Ngày bầu cử ở xã vùng cao;https://chodon.backan.gov.vn/tin/215;Hòa;
5/2/2021;Hương Sen Việt;Bánh chưng xanh cho người nghèo;https://chodon.backan.gov.vn/tin/203;Lan;
30/2/2021;ATK Chợ Đồn;Không có ngày này;;Lan;
"""
STRANGE = "Ngày tháng;Kênk;Tin đã chia sẻ;Tình hình\n28/8/2019;ATK Chợ Đồn;Hội xuân;xong\n"
WIDTHS = [(360, 640), (768, 1024), (1280, 800)]


def bring(house, browser, to, name, text):
    """Brings a file by the form; where its page is."""
    file = house.dir / name
    file.write_text(text, encoding="utf-8")
    browser.go(f"{house.base}/{to}")
    browser.ask("POST", f"/element/{browser.find('#file')}/value", {"text": str(file)})
    browser.press("button", "Xem trước")
    browser.until(lambda: f"/{to}/" in browser.at())
    browser.until(lambda: "Trang tự tải lại" not in browser.text())
    return browser.at().removeprefix(house.base)


def say_the_word(browser, wait=True):
    browser.press("button", "Nhập")
    if wait:
        browser.until(lambda: "đã nhập" in browser.text(".tags"), 120)


def long_list(rows):
    return "Tiêu đề;Nội dung;Kênh\n" + "".join(f"Bài số {n} trong danh sách;Nội dung {n};ATK Chợ Đồn\n" for n in range(rows))


def every_stage(house, officer):
    """Brings what there is to see; name → path."""
    pages = {"import": "/import", "backfill": "/backfill"}
    first = bring(house, officer, "backfill", "nam-2019.csv", PAST)
    house.picture(officer, "lists-past-first-360")
    say_the_word(officer)
    pages["past-done"] = first
    pages["past-ready"] = bring(house, officer, "backfill", "cac-nam.csv", MORE_PAST)
    text = officer.text()
    assert "Dòng 9" in text or "Hương Sen Việt" in text, text
    for kind in ["bad", "clash", "good"]:
        pages[f"past-{kind}"] = f"{pages['past-ready']}?kind={kind}"
    officer.go(house.base + pages["past-clash"])
    assert "Xem lượt đã có" in officer.text(), officer.text()
    pages["past-unusable"] = bring(house, officer, "backfill", "la.csv", STRANGE)
    assert "Chưa đọc được tệp" in officer.text()
    pages["articles-ready"] = bring(house, officer, "import", "tin-thang-12.csv", ARTICLES)
    pages["articles-good"] = pages["articles-ready"] + "?kind=good"
    done = bring(house, officer, "import", "mot-tin.csv", "Tiêu đề;Kênh\nMột tin;ATK Chợ Đồn\n")
    say_the_word(officer)
    assert "Đã nhập 1 bài" in officer.text(), officer.text()
    pages["articles-done"] = done
    return pages


def a_long_list_tells_how_far_it_is(house, officer):
    at = bring(house, officer, "import", "dai.csv", long_list(4_000))
    say_the_word(officer, wait=False)
    officer.until(lambda: "/4.000" in officer.text() or "đã nhập" in officer.text(".tags"))
    house.picture(officer, "lists-running-360")
    # It can be left, and is found again.
    officer.go(house.base + "/import")
    assert "dai.csv" in officer.text()
    officer.go(house.base + at)
    officer.until(lambda: "đã nhập" in officer.text(".tags"), 300)
    assert "Đã nhập 4.000 bài" in officer.text(), officer.text()


def clashes_are_chosen(house, officer, pages):
    officer.go(house.base + pages["past-clash"])
    officer.click("input[name=add]")
    officer.submit(officer.by_text("button", "Lưu lựa chọn"))
    officer.until(lambda: officer.run("return document.querySelectorAll('input[name=add]:checked').length") == 1)
    officer.go(house.base + pages["past-ready"])
    house.picture(officer, "lists-past-chosen-360")


def looked_at(house, pages):
    script = os.environ.get("RAOTIN_AXE")
    axe = Path(script).read_text() if script else None
    if not axe:
        print("  RAOTIN_AXE is not set: not looked at with axe-core")
    found = []
    for lang in ["vi", "en"]:
        for width, height in WIDTHS:
            for dark in [False, True]:
                browser = house.browser("lan", width=width, height=height, dark=dark)
                browser.go(house.base + "/account")
                browser.click(f"input[name=lang][value={lang}]")
                browser.submit("form[action='/account/lang'] button")
                browser.until(lambda: browser.run("return document.documentElement.lang") == lang)
                for name, path in pages.items():
                    browser.go(house.base + path)
                    browser.run("for (const d of document.querySelectorAll('details')) d.open = true")
                    wide = browser.run("return document.documentElement.scrollWidth - innerWidth")
                    assert wide <= 0, f"{path} is {wide} px too wide at {width}"
                    assert not browser.log(), (path, browser.log())
                    if width == 360:
                        small = browser.run("""return [...document.querySelectorAll('main button, main a.btn, main a.row, main select, main summary, main input:not([type=hidden]):not([type=checkbox])')]
                            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))""")
                        assert not small, f"{path}: too small for a thumb: {small}"
                        sizes = browser.run("""return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => e.decodedBodySize)""")
                        assert sum(sizes) <= 150_000, f"{path} weighs {sum(sizes)} bytes"
                    house.picture(browser, f"lists-{name}-{lang}-{width}{'-dark' if dark else ''}")
                    if not axe or width == 768:
                        continue
                    browser.devtools("Runtime.evaluate", expression=axe)
                    result = browser.devtools("Runtime.evaluate", awaitPromise=True, returnByValue=True, expression="""
                        axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
                        .then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120) + ' ' + (n.any[0]?.message || ''))])))""")
                    for rule, nodes in json.loads(result["result"]["value"]):
                        found.append(f"{path} {lang} {'dark' if dark else 'light'} {width}: {rule}: {nodes}")
                browser.close()
                house.open.remove(browser)
    assert not found, "\n".join(found)


def main(binary, pictures=None):
    house = House(binary, pictures)
    try:
        house.first_admin()
        officer = house.browser("lan")
        pages = every_stage(house, officer)
        clashes_are_chosen(house, officer, pages)
        looked_at(house, pages)
        officer.go(house.base + "/account")
        officer.click("input[name=lang][value=vi]")
        officer.submit("form[action='/account/lang'] button")
        a_long_list_tells_how_far_it_is(house, officer)
    finally:
        house.close()
    print("lists: ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
