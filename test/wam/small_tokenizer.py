"""A tokenizer of a few words, in the files that transformers reads."""

import json
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

WORDS = ['<pad>', '</s>', '<unk>', 'fold', 'the', 'towel']


def write(folder: Path) -> Path:
    raw = Tokenizer(WordLevel({word: k for k, word in enumerate(WORDS)}, unk_token='<unk>'))
    raw.pre_tokenizer = Whitespace()
    raw.post_processor = TemplateProcessing(single='$A </s>', special_tokens=[('</s>', 1)])
    raw.save(str(folder / 'tokenizer.json'))
    settings = {
        'tokenizer_class': 'PreTrainedTokenizerFast',
        'pad_token': '<pad>',
        'eos_token': '</s>',
        'unk_token': '<unk>',
    }
    (folder / 'tokenizer_config.json').write_text(json.dumps(settings))
    return folder
