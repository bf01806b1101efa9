"""What `audit` promises."""

from __future__ import annotations

import pytest

import crossmamba


def test_an_audit_gives_figures_a_verdict_and_a_page(labelled, tmp_path) -> None:
    rnas, proteins, pairs = labelled
    found = crossmamba.audit(pairs, rna=rnas, partner=proteins, output=tmp_path / "audit", bootstrap=0)
    assert found.figures["pairs"].value == len(pairs)
    assert found.figures["positives"].value == sum(label for _, _, label in pairs)
    assert found.verdict and set(found.warnings) <= set(found.verdict)
    assert found.folder == tmp_path / "audit" and (found.folder / "audit.html").stat().st_size > 0


def test_anyones_predictions_are_audited_from_memory(labelled) -> None:
    rnas, proteins, pairs = labelled
    scores = [(rna, protein, label * 0.5 + 0.2) for rna, protein, label in pairs]
    found = crossmamba.audit(pairs, rna=rnas, partner=proteins, predictions=scores, bootstrap=0)
    assert found.folder is None
    perfect = [figure for name, figure in found.figures.items() if "auroc" in name and figure.value == 1.0]
    assert perfect, sorted(found.figures)


def test_what_is_left_out_is_warned_of(labelled) -> None:
    rnas, proteins, pairs = labelled
    with pytest.warns(crossmamba.RejectedRecords, match="`nobody`|nobody"):
        found = crossmamba.audit([*pairs, ("nobody", "protein0", 1)], rna=rnas, partner=proteins, bootstrap=0)
    assert found.figures["pairs"].value == len(pairs)


def test_what_the_program_refuses_is_raised_in_its_words(labelled) -> None:
    rnas, proteins, pairs = labelled
    with pytest.raises(crossmamba.CrossMambaError, match="folds cannot be made of 2 pairs"):
        crossmamba.audit(pairs[:2], rna=rnas, partner=proteins, bootstrap=0)
