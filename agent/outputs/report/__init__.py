"""The report: records or a question bank as one web page to look at, search and practise with, that needs no network."""

from agent.outputs.report.page import write_bank_report, write_report


__all__ = ["write_bank_report", "write_report"]
