"""Gives Chinese text one form, character by character, so that the other rules know no second: its own punctuation, simplified characters."""

from __future__ import annotations

import re


# Letters of the East: a class of them by their range takes a millisecond to compile, in each place where it stands.
_HAN = r"[^\W\d_a-zA-Z\u00c0-\u05ff]"
# A number's comma and the full stop after a Latin word are left: only what touches a Chinese character is Chinese.
# The marks stand first, so that a search skips all else.
_NARROW = re.compile(
    rf"[,?!:;().](?:(?<={_HAN}[,?!:;(])|(?<=[,?!;)])(?={_HAN})|(?<=\.)(?:(?<={_HAN}.)|(?<=[）)”\"].))(?={_HAN}|\s|$))"
)
_WIDE = str.maketrans(",?!:;().", "，？！：；（）。")
_TRADITIONAL = (
    "議準備應該試問題經驗簡歷項專業對話時間過還讓說講談樣麼個們會學習練複據庫網絡線進開發測設計實現區別優點難為嗎請於長後來階關鍵記憶體熱"
    "門機選擇將當從無論與給種導師戰壓環節結構總資訊聲聽讀寫畫圖書錄製數類參傳輸處異錯誤斷層縮減負責勢團隊協調領績態緊張確規劃職場筆電腦軟"
    "廣標證邏輯決產運營轉換夠鬆穩動腳踐東見認識瞭釋幾麽條則號啟適並雖嘗覺願須終獲勝險勵歡興愛護買賣價錢歲頁貼檢閱覽編譯語詞課評審競賽獎樂"
    "隨連續單雙邊側鏈樹圍壞慮僅儘盡觀視頻"
)
_SIMPLIFIED = (
    "议准备应该试问题经验简历项专业对话时间过还让说讲谈样么个们会学习练复据库网络线进开发测设计实现区别优点难为吗请于长后来阶关键记忆体热"
    "门机选择将当从无论与给种导师战压环节结构总资讯声听读写画图书录制数类参传输处异错误断层缩减负责势团队协调领绩态紧张确规划职场笔电脑软"
    "广标证逻辑决产运营转换够松稳动脚践东见认识了释几么条则号启适并虽尝觉愿须终获胜险励欢兴爱护买卖价钱岁页贴检阅览编译语词课评审竞赛奖乐"
    "随连续单双边侧链树围坏虑仅尽尽观视频"
)
"""The characters of which the words of asking and advising are made, each above the one that it is written as here."""
_SIMPLER = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_WRITTEN = re.compile(f"[{_TRADITIONAL}]")
_UNPUNCTUATED = re.compile(r"^[^，。；？！,;?!\n]{60,}$", re.MULTILINE)
_BLANK = re.compile(rf"(?<={_HAN}) (?={_HAN})")
_BLANK_BEFORE_LATIN = re.compile(rf"(?<={_HAN}) (?=[a-zA-Z])")
_BLANK_BEHIND_LATIN = re.compile(rf"[a-zA-Z] (?={_HAN})")
_BLANKS = 4
"""As many blanks between Chinese words, which need none, stand for commas in a line that has no marks."""


def widened(text: str) -> str:
    """The text, as long as before, with `，？！：；（）。` for the ASCII marks beside a Chinese character, and in simplified characters.

    In a line whose clauses are parted by blanks alone, commas stand for those.
    """
    wide = _NARROW.sub(lambda found: found[0].translate(_WIDE), text)
    wide = _UNPUNCTUATED.sub(lambda found: _parted(found[0]), wide)
    return wide.translate(_SIMPLER) if _WRITTEN.search(wide) else wide


def _parted(line: str) -> str:
    if len(_BLANK.findall(line)) < _BLANKS:
        return line
    parted = _BLANK.sub("，", line)
    return parted if _BLANK_BEHIND_LATIN.search(line) else _BLANK_BEFORE_LATIN.sub("，", parted)
