"""Writes fixtures/sacrebleu.json: scores of sacreBLEU that training/src/metrics must agree with.

Run from this folder, in an environment with sacrebleu (the fixture records its version): python3 sacrebleu.py
"""

import json
import random
import sys
from pathlib import Path

# this file has the name of the package it imports
sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
import sacrebleu  # noqa: E402
from sacrebleu.metrics import BLEU, CHRF  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def disturbed(lines, unit, rate, seed):
    """Sentences with units (words, or characters) dropped, doubled and swapped at random."""
    rng = random.Random(seed)
    out = []
    for line in lines:
        units = line.split(" ") if unit == "word" else list(line)
        made = []
        for u in units:
            r = rng.random()
            if r < rate:
                continue
            made.append(u)
            if r > 1 - rate / 2:
                made.append(u)
            elif r > 1 - rate and len(made) > 1:
                made[-1], made[-2] = made[-2], made[-1]
        out.append((" " if unit == "word" else "").join(made))
    return out


def corpora():
    en = (FIXTURES / "text/sentences.en").read_text("utf-8").splitlines()
    ja = (FIXTURES / "text/sentences.ja").read_text("utf-8").splitlines()
    yield "perfect", en, en
    yield "english, light noise", disturbed(en, "word", 0.1, 1), en
    yield "english, heavy noise", disturbed(en, "word", 0.4, 2), en
    yield "english, letters", disturbed(en, "character", 0.08, 3), en
    yield "japanese, light noise", disturbed(ja, "character", 0.1, 4), ja
    yield "japanese, heavy noise", disturbed(ja, "character", 0.5, 5), ja
    yield "wrong language", ja, en
    yield "shifted", en[1:] + en[:1], en
    pairs = [
        ("empty hypothesis", "", "The cat sat on the mat."),
        ("empty reference", "The cat sat on the mat.", ""),
        ("both empty", "", ""),
        ("one word, right", "Yes", "Yes"),
        ("one word, wrong", "Yes", "No"),
        ("one word of many", "cat", "The cat sat on the mat."),
        ("two words", "The cat", "The cat"),
        ("three words, one right", "The dog sits", "The cat sits"),
        ("too long", "the the the the the the the", "the cat is on the mat"),
        ("too short", "the cat", "the cat is on the mat and does not move"),
        ("case", "the CAT sat on the mat .", "The cat sat on the mat."),
        ("spaces", "  The   cat sat\ton the mat.  ", "The cat sat on the mat."),
        ("punctuation", 'He said: "It costs $1,250.50 (tax included)!"', "He said, 'It costs $1,250.50 - tax included'."),
        ("periods", "Mr. Smith paid 3.5 million. Version 2.0.", "Mr Smith paid 3.5 millions. Version 2.0.1."),
        ("dashes", "A well-known 2-1 win, 1990-2000 - really?", "A well-known 2 - 1 win, 1990–2000 — really?"),
        ("entities", "R&amp;D &lt;b&gt; &quot;x&quot; <skipped>done", 'R&D <b> "x" done'),
        ("non-ascii", "Le café naïve coûte 5 €, Ærøskøbing…", "Le café naïf coûte 5 €, Ærøskøbing."),
        ("cjk", "彼は医者です。", "彼女は医者だ。"),
        ("full width", "値段は１，２５０円です！", "値段は1,250円です!"),
        ("ideographic space", "東京　大阪 京都", "東京 大阪　京都"),
        ("beyond the basic plane", "𠮷野家で👍🏽でした", "𠮷野家は👍でした"),
        ("underscores and symbols", "a_b = {c} | ~d ^ `e` \\ f@g #h %i *j +k", "a_b={c}|~d^`e`\\f@g #h %i *j +k"),
        ("control characters", "a\u001cb c\u0085d e\ufefff", "a b c d e f"),
    ]
    for name, hypothesis, reference in pairs:
        yield name, [hypothesis], [reference]
    yield "all edge cases", [p[1] for p in pairs], [p[2] for p in pairs]


def add_one(hypothesis, reference, tokenizer):
    """BLEU+1 (Lin & Och 2004)."""
    return sacrebleu.sentence_bleu(
        hypothesis, [reference], smooth_method="add-k", smooth_value=1, tokenize=tokenizer
    )


def bleu(hypotheses, references, tokenizer):
    metric = BLEU(tokenize=tokenizer)
    score = metric.corpus_score(hypotheses, [references])
    sentence = BLEU(tokenize=tokenizer, effective_order=True)
    return {
        "score": score.score,
        "precisions": score.precisions,
        "brevityPenalty": score.bp,
        "hypothesisLength": score.sys_len,
        "referenceLength": score.ref_len,
        "signature": metric.get_signature().format(),
        "sentences": [round(sentence.sentence_score(h, [r]).score, 8) for h, r in zip(hypotheses, references)],
        "addOne": [round(add_one(h, r, tokenizer).score, 8) for h, r in zip(hypotheses, references)],
    }


def chrf(hypotheses, references, word_order):
    metric = CHRF(word_order=word_order)
    return {
        "score": metric.corpus_score(hypotheses, [references]).score,
        "signature": metric.get_signature().format(),
    }


cases = [
    {
        "name": name,
        "hypotheses": hypotheses,
        "references": references,
        "bleu": {t: bleu(hypotheses, references, t) for t in ("13a", "char", "none")},
        "chrf": {str(w): chrf(hypotheses, references, w) for w in (0, 2)},
    }
    for name, hypotheses, references in corpora()
]
out = {"sacrebleu": sacrebleu.__version__, "cases": cases}
(FIXTURES / "sacrebleu.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", "utf-8")
