"""The report in a browser, as people meet it: look, search, filter, read, practise; on a phone, in the dark, by keyboard, and with the worst posts."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.language import Language
from agent.outputs.bank import build
from agent.outputs.report import write_report
from agent.records import Context, Item, PostInfo, Provenance, Question, Record, text_digest
from tests.outputs.samples import AT, NASTY_LINES, NASTY_TEXT, nasty_record


pytestmark = pytest.mark.slow

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
TOPICS = ("RAG", "微调", "MySQL", "操作系统")
COMPANIES = ("云图科技", "青禾银行", "Acme Cloud")
SUBJECTS = ("混合检索", "LoRA 的秩", "页分裂", "进程调度", "一致性哈希", "线程池", "旋转编码", "重排模型")
Open = Callable[..., "Page"]


def post(number: int, *, questions: int = 4, unlike: random.Random | None = None) -> Record:
    """A post of its own sentences: two rounds of numbered questions, a method inside one of them, an advice; an emoji before all."""
    company, text = COMPANIES[number % 3], ""
    spans: dict[str, tuple[int, int]] = {}

    def write(name: str, words: str, after: str = "\n") -> None:
        nonlocal text
        spans[name] = len(text), len(text) + len(words)
        text += words + after

    write("company", company, f" 🎉 第 {number} 篇\n")
    for index in range(questions):
        text += f"{index + 1}. "
        subject = (
            "".join(map(chr, unlike.choices(range(0x4E00, 0x9000), k=12))) if unlike else SUBJECTS[(number + index) % 8]
        )
        write(f"q{index}", f"讲讲{subject}，数据量大了怎么办？")
    write("advice", "简历上的每个数字都要说得清来源")
    spans["method"] = spans["q0"][0] + 2, spans["q0"][0] + 6

    def item(name: str, kind: type[Item] = Item, **more: Any) -> Any:
        start, end = spans[name]
        return kind(**{"text": text[start:end], "quote": text[start:end], "start": start, "end": end, **more})

    return Record(
        post=PostInfo(id=f"p{number}", title=f"{company}面经 {number}", url=f"https://example.com/{number}", chars=len(text), sha256=text_digest(text)),
        context=Context(company=item("company")),
        questions=[
            item(f"q{index}", Question, number=index + 1, topic=TOPICS[index % 4], round="一面" if index % 2 else "二面")
            for index in range(questions)
        ],
        methods=[item("method", grounding="fuzzy", text="先复述再回答")] if number % 2 else [],
        advice=[item("advice")],
        provenance=Provenance(at=AT, model="gemini-2.5-flash", origin="model" if number % 2 else "rules"),
    ).with_text(text)  # fmt: skip


class Page:
    """A report opened in the browser; what is asked for is waited for."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def all(self, css: str) -> list[Any]:
        return [one for one in self.driver.find_elements("css selector", css) if one.is_displayed()]

    def one(self, css: str) -> Any:
        self.until(lambda: self.all(css), f"nothing shown for {css}")
        return self.all(css)[0]

    def text(self, css: str) -> str:
        return self.one(css).text

    def until(self, holds: Callable[[], Any], told: str = "it never came to hold") -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, 10, poll_frequency=0.02).until(lambda _: holds(), told)

    def go(self, way: str, shown: str) -> None:
        self.run("location.hash = arguments[0]", way)
        self.one(f"#view-{shown}")

    def type(self, keys: str, css: str = "body") -> None:
        self.driver.find_element("css selector", css).send_keys(keys)

    def choose(self, form: str, name: str, value: str) -> None:
        self.one(f"#filter-{form} [name={name}] option[value='{value}']").click()

    def messages(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> set[str]:
        """The addresses that the page asked for, itself and what it holds inline apart."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = {
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        }
        return {url for url in asked if not url.startswith(("file:", "data:", "chrome:"))}


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("needs Debian's chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--window-size=1280,900",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield browser
    browser.quit()


@pytest.fixture
def opened(driver: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a report of records. Every test ends with a look at the console and at the network: both have to be silent."""
    file = tmp_path / "report.html"

    def open_report(*records: Record, script: str = "", lang: Language = "zh", **options: Any) -> Page:
        with file.open("w", encoding="utf-8", newline="") as stream:
            write_report(records, stream, lang=lang, **options)
        return show(file, script)

    def show(shown: Path, script: str = "") -> Page:
        if script:
            added = driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
            undo.append(lambda: driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added))
        driver.get(shown.as_uri())
        return Page(driver)

    undo: list[Callable[[], Any]] = [lambda: driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})]
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    )
    yield open_report
    page = Page(driver)
    assert page.messages() == []
    assert page.requests() == set()
    for step in undo:
        step()
    driver.get("about:blank")
    # By the browser itself: what a page clears may reach the next page after it has begun.
    driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "file:///", "storageTypes": "local_storage"})
    driver.get_log("browser"), driver.get_log("performance")


@pytest.fixture
def page(opened: Open) -> Page:
    return opened(*map(post, range(12)))


def test_the_overview_counts_and_draws(page: Page) -> None:
    assert [tile.text for tile in page.all("#tiles dd")] == ["12", "48", "6", "12", "8"]
    assert len(page.all("#plots figure")) == 4
    assert [bar.text for bar in page.all("#plots figure:first-child li")] == [f"{topic}\n12" for topic in TOPICS]
    assert len(page.all("#plots figure:nth-child(2) li:first-child rect")) == 2


def test_a_bar_leads_to_what_it_counts(page: Page) -> None:
    page.one("#plots figure:nth-child(2) a").click()
    assert page.text("#count-posts") == "4 篇，共 12 篇"
    assert page.one("#filter-posts [name=company]").get_property("value") == "云图科技"


def test_posts_are_found_by_their_words_in_any_width_and_case(page: Page) -> None:
    page.go("#/posts", "posts")
    page.type("ＬＯＲＡ 第 9 篇", "#filter-posts [name=q]")
    page.until(lambda: page.text("#count-posts") == "1 篇，共 12 篇")
    assert page.text("#rows-posts .title") == "云图科技面经 9"
    assert page.one("#rows-posts mark.hit")


def test_a_word_is_searched_when_the_input_method_is_done_with_it(page: Page) -> None:
    page.go("#/posts", "posts")
    page.run("""const search = document.querySelector("#filter-posts [name=q]");
        search.value = "一致性"; search.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));""")
    page.until(lambda: page.text("#count-posts") == "7 篇，共 12 篇")


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [("kind", "method", 6), ("topic", "RAG", 12), ("company", "青禾银行", 4), ("round", "一面", 12), ("origin", "rules", 6)],
)  # fmt: skip
def test_filters_leave_the_posts_that_have_it(page: Page, name: str, value: str, left: int) -> None:
    page.go("#/posts", "posts")
    page.choose("posts", name, value)
    page.until(lambda: page.text("#count-posts") == f"{left} 篇，共 12 篇")
    page.one("#filter-posts [type=reset]").click()
    page.until(lambda: page.text("#count-posts") == "12 篇，共 12 篇")


def test_topic_and_round_have_to_be_those_of_one_question(page: Page) -> None:
    page.go("#/posts?topic=RAG&round=%E4%B8%80%E9%9D%A2", "posts")
    assert page.text("#count-posts") == "0 篇，共 12 篇"
    assert "没有符合条件" in page.text("#rows-posts")


def test_a_posts_items_are_highlighted_where_they_stand(page: Page) -> None:
    record = post(1)
    page.go("#/posts/1", "post")
    assert page.run("return document.querySelector('.text').textContent") == record.text
    marked = page.run(
        "return [...document.querySelectorAll('.text mark')].map((one) => [one.className, one.textContent])"
    )
    method, first = record.methods[0].quote, record.questions[0].quote
    assert marked[:3] == [["question", first[:2]], ["method over", method], ["question", first[6:]]]
    assert [words for kind, words in marked[3:] if kind == "question"] == [one.quote for one in record.questions[1:]]
    assert marked[-1] == ["advice", record.advice[0].quote]


@pytest.mark.parametrize("reach", ["this.focus()", "this.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))"])
def test_a_highlighted_piece_tells_what_it_is_by_hover_and_by_focus(page: Page, reach: str) -> None:
    page.go("#/posts/1", "post")
    page.run(f"(function () {{ {reach} }}).call(document.querySelector('mark.method'))")
    method, question = page.text("#tip").split("\n")
    assert method == "方法 · 模型改写过 · 模型提取 · 先复述再回答"
    assert question == "问题 · 原文逐字 · 模型提取 · 二面 · RAG"
    page.type("\ue00c")  # Escape
    page.until(lambda: not page.all("#tip"))


def test_a_click_on_an_item_shows_it_in_the_text(page: Page) -> None:
    page.go("#/posts/1", "post")
    page.all(".items .question button")[2].click()
    assert page.run("return document.activeElement.textContent") == post(1).questions[2].quote
    assert page.run("return document.activeElement.classList.contains('flash')")
    assert page.run(
        "const box = document.activeElement.getBoundingClientRect(); return box.top > 0 && box.bottom < innerHeight"
    )


def test_a_kind_can_be_left_unmarked(page: Page) -> None:
    page.go("#/posts/1", "post")
    page.one(".kinds input").click()
    background = "return getComputedStyle(document.querySelector('.text mark.%s')).backgroundColor"
    assert page.run(background % "question") == "rgba(0, 0, 0, 0)"
    assert page.run(background % "advice") != "rgba(0, 0, 0, 0)"


def test_reading_goes_on_among_the_posts_found(page: Page) -> None:
    page.go("#/posts?company=%E9%9D%92%E7%A6%BE%E9%93%B6%E8%A1%8C", "posts")
    page.all("#rows-posts .title")[0].click()
    page.one("#next-post").click()
    page.until(lambda: page.text("#head-post") == "青禾银行面经 4")
    assert page.text("#place-post") == "2 / 4"


def test_the_bank_is_searched_sorted_and_leads_to_the_text(page: Page) -> None:
    page.go("#/bank", "bank")
    often = [int(one.text.rstrip("×")) for one in page.all("#rows-bank .often")]
    assert often == sorted(often, reverse=True)
    page.choose("bank", "sort", "text")
    page.type("lora", "#filter-bank [name=q]")
    page.until(lambda: page.text("#count-bank") == "1 题，共 8 题")
    page.one("#rows-bank summary").click()
    page.one("#rows-bank .source")
    assert len(page.all("#rows-bank .source")) == int(page.text("#rows-bank .often").rstrip("×"))
    page.one("#rows-bank .source a").click()
    page.one("#view-post")
    assert "LoRA 的秩" in page.run("return document.activeElement.parentElement.querySelector('.flash').textContent")


def test_practice_goes_by_keyboard_and_remembers_what_is_known(page: Page) -> None:
    page.go("#/practice", "practice")
    first = page.text("#card .asked")
    page.type("j")
    assert page.text("#card .asked") != first
    page.type("k")
    assert page.text("#card .asked") == first
    assert not page.all("#card .source")
    page.type(" ")
    assert page.all("#card .source blockquote mark")
    page.type("x")
    assert page.text("#count-practice") == "第 1 题，共 8 题 · 累计已掌握 1 题"
    page.driver.refresh()
    assert page.text("#count-practice") == "第 1 题，共 7 题 · 累计已掌握 1 题"
    assert page.text("#card .asked") != first
    page.type("\ue014")  # arrow right
    assert page.text("#count-practice").startswith("第 2 题")


def test_after_a_click_space_shows_the_source_and_on_a_focused_button_it_presses_it(page: Page) -> None:
    page.go("#/practice", "practice")
    page.one("[data-move=next]").click()
    page.run("return document.activeElement").send_keys(" ")
    assert page.text("#count-practice").startswith("第 2 题")
    assert page.all("#card .source")
    page.type(" ", "[data-move=next]")
    assert page.text("#count-practice").startswith("第 3 题")


def test_practice_survives_a_browser_that_forbids_storage(opened: Open) -> None:
    forbidden = (
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    page = opened(post(1), script=forbidden)
    page.go("#/practice", "practice")
    page.type("x")
    assert "累计已掌握 1 题" in page.text("#count-practice")


def test_the_language_is_switched_everywhere_and_stays(page: Page) -> None:
    for view in ("posts", "bank", "practice", "overview"):
        page.go(f"#/{view}", view)
        page.one("#language").click()
        page.one("#language").click()
    page.one("#language").click()
    assert page.text("#head-overview") == "Overview"
    assert page.driver.title == "Interview questions · mianjing"
    page.driver.refresh()
    page.go("#/posts/1/1", "post")
    assert "Questions (4)" in page.text(".items")
    assert page.run("return document.documentElement.lang") == "en"


def test_the_theme_follows_the_system_until_it_is_chosen(opened: Open, driver: Any) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    page = opened(post(1))
    background = "return getComputedStyle(document.documentElement).backgroundColor"
    dark = page.run(background)
    page.one("#theme").click()
    assert page.run(background) != dark
    page.driver.refresh()
    assert page.run(background) != dark


@pytest.mark.parametrize("way", ["overview", "posts", "posts/1", "bank", "practice"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_shows_it_without_scrolling_sideways(opened: Open, driver: Any, way: str, lang: str) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    )
    page = opened(post(0), post(1), nasty_record().with_text(NASTY_TEXT), lang=lang)
    page.go(f"#/{way}", "post" if "/" in way else way)
    assert page.run("return document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("way", ["overview", "posts", "posts/1", "bank", "practice"])
def test_a_screen_reader_finds_landmarks_and_a_name_on_everything(page: Page, way: str) -> None:
    page.go(f"#/{way}", "post" if "/" in way else way)
    assert len(page.all("h1")) == 1
    assert [one.aria_role for one in page.all("body > header, main")] == ["banner", "main"]
    reached = page.all("a, button, input, select, summary, main > section")
    assert [one.get_attribute("outerHTML") for one in reached if not one.accessible_name] == []


def test_every_section_is_reached_by_the_tab_key(page: Page) -> None:
    for _ in range(4):
        page.run("return document.activeElement").send_keys("\ue004")
    page.run("return document.activeElement").send_keys("\ue007")
    page.one("#view-bank")
    assert page.run("return document.activeElement.id") == "head-bank"


@pytest.mark.parametrize("with_text", [True, False])
def test_the_worst_posts_do_no_harm(opened: Open, with_text: bool) -> None:
    page = opened(*([nasty_record().with_text(NASTY_TEXT)] if with_text else [nasty_record()]), post(1))
    for way, shown in (
        ("posts", "posts"),
        ("posts/0", "post"),
        ("bank", "bank"),
        ("practice", "practice"),
        ("overview", "overview"),
    ):
        page.go(f"#/{way}", shown)
        page.run("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        page.type(" ")
        assert not page.all("main script, main img, main iframe, main b, main a[href^=javascript]")
    page.go("#/posts/0", "post")
    assert page.run("return document.querySelector('.reading').textContent.includes('<script>alert(1)</script>')")
    assert len(page.all(".items li")) == 3 * len(NASTY_LINES)
    if with_text:
        assert page.run("return document.querySelector('.text').textContent.length") == len(NASTY_TEXT)
        page.all(".items button")[6].click()
        assert page.run("return document.activeElement.textContent") == NASTY_LINES[6]


def test_a_bank_alone_can_be_read_and_practised(opened: Open, tmp_path: Path) -> None:
    page = opened(bank=build(map(post, range(6))))
    assert len(page.all("#plots figure")) == 2
    page.go("#/posts/1", "post")
    assert "报告里没有这篇帖子的原文" in page.text(".items")
    page.go("#/practice", "practice")
    page.type(" ")
    assert page.all("#card .source a")


def test_in_english_rounds_have_english_names(opened: Open) -> None:
    page = opened(post(1), lang="en")
    assert page.text("#plots figure:nth-child(2) .legend") == "Round 2\nRound 1"
    page.go("#/posts", "posts")
    assert [one.text for one in page.all("#filter-posts [name=round] option")] == ["all", "Round 2 (2)", "Round 1 (2)"]
    page.go("#/posts/0/0", "post")
    assert page.text("#tip") == "Question · verbatim · by a model · Round 2 · RAG"


def test_what_nobody_said_has_no_bar_beside_what_somebody_did(opened: Open) -> None:
    silent = post(2).model_copy(update={"context": Context()})
    page = opened(post(1), silent)
    assert [len(row.find_elements("css selector", "rect")) for row in page.all("#plots figure:nth-child(2) li")] == [
        2,
        0,
    ]
    page = opened(silent)
    assert page.all("#plots figure:nth-child(2) li rect")


def test_a_post_with_nothing_in_it_and_one_whose_pictures_are_not_at_hand_say_so(opened: Open) -> None:
    def info(name: str, source: str) -> PostInfo:
        return PostInfo(id=name, source=source, chars=2, sha256=text_digest(name))

    made = Provenance(at=AT, origin="rules")
    nothing = Record(post=info("a", "a.txt"), provenance=made).with_text("早安")
    page = opened(nothing, Record(post=info("b", "b.png (OCR)"), provenance=made))
    page.go("#/posts/0", "post")
    assert page.text(".items") == "这篇帖子里没有提取到内容。"
    page.go("#/posts/1", "post")
    page.until(lambda: "读自图片" in page.text(".items"))


def test_no_record_at_all_is_said(opened: Open) -> None:
    page = opened()
    page.go("#/posts", "posts")
    assert page.text("#rows-posts") == "这份报告里没有帖子。"
    page.go("#/practice", "practice")
    page.type(" xjk")
    assert "没有剩下的问题" in page.text("#card")


def test_two_thousand_posts_open_at_once_and_are_searched_without_a_pause(opened: Open, driver: Any) -> None:
    unlike = random.Random(8)
    driver.execute_cdp_cmd("Performance.enable", {})
    page = opened(*(post(number, questions=15, unlike=unlike) for number in range(2000)))
    metrics = {one["name"]: one["value"] for one in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
    assert metrics["ScriptDuration"] < 2
    for view, words in (("posts", "第 1234 篇"), ("posts", "LoRA 怎么办"), ("bank", "旋转"), ("bank", "旋转 abc")):
        page.go(f"#/{view}", view)
        assert waited(page, view, words) < 500
    assert len(page.all("#rows-bank > li")) <= 200


def waited(page: Page, view: str, words: str) -> float:
    """Milliseconds from a key to the new list laid out, the wait for further keys included."""
    return page.driver.execute_async_script(  # type: ignore[no-any-return]
        """const [view, words, done] = arguments, count = document.getElementById("count-" + view), begun = performance.now();
        new MutationObserver(() => { document.body.offsetHeight; done(performance.now() - begun); }).observe(count, { childList: true });
        const search = document.querySelector(`#filter-${view} [name=q]`);
        search.value = words; search.dispatchEvent(new Event("input", { bubbles: true }));""",
        view,
        words,
    )
