"""Translates a template of AWS SAM, as JSON on standard input, into one of CloudFormation, with AWS SAM's own translator."""

import json
import sys

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

translated = Translator({}, Parser()).translate(json.load(sys.stdin), {})
json.dump(translated, sys.stdout)
