"""In a notebook: records show themselves, a bar tells how far a run is, and the shipped notebook runs from top to bottom with no key."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from agent import Extractor, Record
from agent.notebook import in_notebook
from agent.records import Records
from tests.twin import fake_key


nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")
pytest.importorskip("pandas", reason="pandas is not installed")

ROOT = Path(__file__).parents[1]
SHIPPED = nbformat.read(ROOT / "notebooks/explore.ipynb", as_version=4)
POSTS = [f"1. 第{number}个问题？" for number in range(30)]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a notebook in a kernel of its own, in this test's environment; fails where a cell does."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for folder in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path / folder))

    def execute(notebook: Any) -> list[Any]:
        where = {"metadata": {"path": str(ROOT / "notebooks")}}
        return nbclient.NotebookClient(notebook, kernel_name="python3", resources=where, timeout=60).execute().cells

    return execute


def cells(*sources: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def shown(cell: Any) -> str:
    """All that a cell shows, as HTML where it can."""
    told = (out["data"] if "data" in out else {"text/plain": out["text"]} for out in cell.outputs)
    return "\n".join(one.get("text/html") or one["text/plain"] for one in told)


def test_the_shipped_notebook_runs_with_no_key_and_without_langchain(run):
    notebook = copy.deepcopy(SHIPPED)
    notebook.cells.append(
        nbformat.v4.new_code_cell("import sys; [name for name in sys.modules if name.startswith('langchain')]")
    )
    *executed, last = run(notebook)
    output = "\n".join(shown(cell) for cell in executed if cell.cell_type == "code")
    assert "<mark" in output  # a record
    assert "<details open>" in output  # records
    assert 'class="dataframe"' in output  # a data frame
    assert "各 topic 的问题数</caption>" in output  # the plot
    assert '<progress max="9" value="9"></progress> 9 of 9 posts done' in output
    assert shown(last) == "[]"


def test_the_shipped_notebook_holds_no_output():
    code = [cell for cell in SHIPPED.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


def test_models_serve_sync_and_async_in_the_notebooks_own_loop(run, monkeypatch, twin):
    service = twin(projects={"p": [fake_key(1)]})
    monkeypatch.setenv("GEMINI_API_KEY", fake_key(1))
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", service.url)
    monkeypatch.setenv("MIANJING_MODELS", "gemini-2.5-flash")
    sync, asynchronous, many, stream = run(
        cells(
            "from agent import Extractor\nextractor = Extractor()\nextractor.extract('1. 一？').questions[0].quote",
            "(await extractor.aextract('1. 二？')).questions[0].quote",
            "len(extractor.collect([f'1. 第{n}个问题？' for n in range(30)]))",
            "len([record async for record in extractor.astream(f'1. 另外第{n}个问题？' for n in range(30))])",
        )
    )
    assert [shown(sync), shown(asynchronous)] == ["'一？'", "'二？'"]
    assert shown(many) == ('<progress max="30" value="30"></progress> 30 of 30 posts done · gemini-2.5-flash 30\n30')
    assert shown(stream) == "30 posts done · gemini-2.5-flash 30\n30"
    assert service.generated


def test_a_notebook_speaks_chinese_where_it_is_told_to(run):
    (cell,) = run(
        cells(
            "%env MIANJING_LANG=zh\nfrom agent import Extractor\nExtractor(offline=True).collect(['1. 一？', '1. 二？'])"
        )
    )
    assert "已完成 2 / 2 篇 · 规则 2" in shown(cell)
    assert "<strong>2 篇</strong>" in shown(cell)


def test_outside_of_a_notebook_nothing_is_shown(capfd):
    records = Extractor(offline=True).collect(POSTS)
    assert not in_notebook()
    assert len(records) == len(POSTS)
    assert capfd.readouterr() == ("", "")


def test_records_are_a_list_and_so_is_a_slice_of_them():
    records = Extractor(offline=True).collect(POSTS)
    assert isinstance(records, list)
    assert isinstance(records[0], Record)
    assert isinstance(records[3:5], Records)
    assert records[3:5] == Records(list(records)[3:5])


def test_a_record_and_records_become_data_frames():
    records = Extractor(offline=True).collect(POSTS[:2])
    assert records.to_frame()["quote"].tolist() == ["第0个问题？", "第1个问题？"]
    assert records[1].to_frame()["quote"].tolist() == ["第1个问题？"]


def test_many_records_show_the_first_and_how_many_more():
    html = Extractor(offline=True).collect(POSTS)._repr_html_()
    assert "30 posts" in html
    assert ">Questions 30</mark>" in html
    assert html.count("<details") == 20
    assert html.count("<details open") == 1
    assert "10 more" in html
    assert "more" not in Extractor(offline=True).collect(POSTS[:20])._repr_html_()


def test_what_a_post_says_is_only_text_in_a_list_too():
    html = Extractor(offline=True).collect(["<script>alert(1)</script>\n1. 什么是 <b>LoRA</b>？"])._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
