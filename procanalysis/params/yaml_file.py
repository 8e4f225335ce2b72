"""Read a reviewed YAML file into a frozen model, every mistake named with file, line, key and remedy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from procanalysis.errors import ParamsError, did_you_mean

SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
FROM_FILE_NAME = ("slug", "path")
PRIVATE = ("distribution",)
"""Keys whose values are about people, and stand in no message: messages end up in logs."""

Lines = dict[tuple[str, ...], int]
"""Key, with the keys above it, → its line."""

Problem = tuple[tuple[str, ...], str]
"""Where in the file something is wrong, as keys, and what."""

Model = TypeVar("Model", bound=BaseModel)


_LONGEST_SHOWN = 60
_TEXT_TAG, _MERGE_TAG = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class _AsWritten(yaml.constructor.SafeConstructor):
    """Take every key as the text that was written, and a number with a leading zero as the code that it is.

    YAML itself reads the key `on` as true, and the category code 010 as 8.
    """

    # Before the resolvers that are there, since the first one that fits decides.
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {
        **yaml.SafeLoader.yaml_implicit_resolvers,
        "0": [(_TEXT_TAG, re.compile(r"^0[0-9][0-9._]*$")), *yaml.SafeLoader.yaml_implicit_resolvers["0"]],
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE_TAG:
                key.tag = _TEXT_TAG
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            raise _Impossible(problem_mark=node.start_mark, problem=str(node.value)) from None


class _Impossible(yaml.MarkedYAMLError):
    """Stop at a value that is written as a date or a number, but that there is none such of."""


class _Loader(_AsWritten, yaml.SafeLoader):
    """Read in Python: slowly, and with the better words for what is wrong."""


_READ_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, where PyYAML was built with it: ten times faster."""


class _FastLoader(_AsWritten, _READ_FAST):  # type: ignore[misc]
    """Read with libyaml, which does not survive parts that lie hundreds deep within each other."""


_DEEP_LINE = re.compile(r"^[ \t]{200}|(?:[-?:!&*][^ \t\n]*[ \t]+){50}", re.MULTILINE)
_DEEPEST = 50


def _is_deep(text: str) -> bool:
    """Tell whether parts may lie so deep within each other that only the loader in Python is safe."""
    depth = deepest = 0
    for sign in re.findall(r"[\[{}\]]", text):
        depth = depth + 1 if sign in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest > _DEEPEST or _DEEP_LINE.search(text) is not None


class Part(BaseModel):
    """Be frozen and refuse unknown keys: the base of every reviewed file and of its parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def load_file(path: Path, model: type[Model], *, missing: str) -> Model:
    """Read and validate one reviewed file whose model has `slug` and `path`, which its name and place decide.

    Parameters: path; model, a pydantic model; missing, what to say when there is no such file.
    Returns the frozen model. Raises ParamsError naming the file, line, key and the nearest valid key.
    """
    shown = path.name
    if not SLUG.fullmatch(path.stem):
        raise ParamsError(
            f"{shown}: the file name becomes a short name, so it may hold only a–z, 0–9 and single hyphens, as in "
            "'region-exempel.yml'. Rename the file."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParamsError(missing) from None
    except OSError as error:
        raise ParamsError(
            f"{shown}: the file cannot be opened ({error.strerror}). Check that it is a file that you may read."
        ) from None
    except UnicodeDecodeError:
        raise ParamsError(f"{shown}: the file is not written in UTF-8. Save it as UTF-8 and run again.") from None
    content, lines = parse_yaml(text, shown)
    for own in FROM_FILE_NAME:
        if own in content:
            raise ParamsError(f"{shown}, line {lines[(own,)]}: unknown key '{own}'. The file's name decides it.")
    try:
        return model(slug=path.stem, path=path.resolve(), **content)
    except ValidationError as error:
        found = list(problems(error, lines, model))
        listed = "\n".join(f"  {problem}" for problem in found)
        raise ParamsError(f"{shown}: {len(found)} problem(s) to correct:\n{listed}") from None


def parse_yaml(text: str, shown: str) -> tuple[dict[str, Any], Lines]:
    """Read YAML text as keys and values, with the line of every key. A key that stands twice is refused."""
    try:
        loader: Any = _Loader if _is_deep(text) else _FastLoader
        try:
            found, content = _loaded(loader(text))
        except (yaml.YAMLError, UnicodeError):
            found, content = _loaded(_Loader(text))
    except _Impossible as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ParamsError(
            f"{shown}, line {line}: there is no such date or number as {_shortened(error.problem or '')}. Correct it, "
            "or put it within quotes if it is text."
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise ParamsError(
            f"{shown}{at}: the file is not valid YAML ({getattr(error, 'problem', None) or 'unreadable'}). "
            "Indent with spaces and put text with special signs within quotes."
        ) from None
    except RecursionError:
        raise ParamsError(f"{shown}: a part of the file lies within itself. Write the values out instead.") from None
    if not isinstance(content, dict):
        raise ParamsError(f"{shown}: the file is empty or not a list of 'key: value'. See 'procanalysis init'.")
    lines: Lines = {}
    for keys, line in found:
        if keys in lines:
            raise ParamsError(
                f"{shown}, line {line}: '{'.'.join(keys)}' stands twice (first in line {lines[keys]}). Keep one."
            )
        lines[keys] = line
    return content, lines


def stated_in(path: Path) -> dict[str, Any]:
    """Return what a YAML file says, nothing checked; empty when it cannot be read or holds no keys."""
    try:
        text = path.read_text(encoding="utf-8")
        try:
            content = yaml.load(text, yaml.SafeLoader if _is_deep(text) else _READ_FAST)  # noqa: S506  # both are safe
        except yaml.YAMLError:
            content = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _loaded(loader: Any) -> tuple[list[tuple[tuple[str, ...], int]], Any]:
    """Return the keys with their lines, and the content."""
    node = loader.get_single_node()
    return (list(_keys(node, ())), loader.construct_document(node)) if node else ([], None)


def _keys(node: yaml.Node, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            keys = (*above, str(key.value))
            yield keys, key.start_mark.line + 1
            yield from _keys(value, keys)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            keys = (*above, str(number))
            yield keys, value.start_mark.line + 1
            yield from _keys(value, keys)


def refuse(path: Path, found: Iterable[Problem]) -> None:
    """Raise ParamsError that lists every problem with its line and key, if there are any."""
    given = list(found)
    if given:
        raise problem_error(path, given)


def problem_error(path: Path, found: Collection[Problem]) -> ParamsError:
    """Return the error that lists problems found after the reading, each with its line and key."""
    lines = parse_yaml(path.read_text(encoding="utf-8"), path.name)[1]
    listed = "\n".join(f"  {_where(keys, lines)}'{'.'.join(keys)}': {words}" for keys, words in found)
    return ParamsError(f"{path.name}: {len(found)} problem(s) to correct:\n{listed}")


def _where(keys: tuple[str, ...], lines: Lines) -> str:
    line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
    return f"line {line}: " if line else ""


_PLAIN_WORDS = {
    "missing": "is missing",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "decimal_parsing": "must be a number, with a decimal point",
    "decimal_type": "must be a number, with a decimal point",
    "decimal_max_places": "must have two decimals at most",
    "string_type": "must be text: put it within quotes",
    "tuple_type": "must be a list, as in [a, b]",
    "dict_type": "must be a group of 'key: value' lines",
    "model_type": "must be a group of 'key: value' lines",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}
_PATTERNS = {
    r"^#[0-9A-Fa-f]{6}$": 'must be a colour, as in "#12436D"',
    r"^[A-Z]{3}$": "must be the three capitals of a currency, as in SEK",
}


def problems(error: ValidationError, lines: Lines, model: type[BaseModel]) -> Iterator[str]:
    """Say in plain words what is wrong, with line, key and the nearest valid key."""
    for problem in _own(error.errors()):
        keys = tuple(str(part) for part in problem["loc"])
        where = _where(keys, lines)
        name = ".".join(part for part in keys)
        shows = keys[:1] not in [(key,) for key in PRIVATE]
        if problem["type"] == "extra_forbidden":
            words = f"unknown key '{name}'. {did_you_mean(keys[-1], _valid_keys(model, keys[:-1]))}"
        elif problem["type"] in ("value_error", "literal_error"):
            said = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be one of")
            now = f" (now: {_shortened(problem['input'])})" if shows else ""
            words = f"'{name}': {said}{now}"
        else:
            pattern = problem.get("ctx", {}).get("pattern", "")
            plain = _PLAIN_WORDS.get(problem["type"]) or _PATTERNS.get(pattern)
            plain = plain or problem["msg"].replace("Input should", "must")
            now = "nothing" if problem["input"] is None else _shortened(problem["input"])
            given = "" if problem["type"] == "missing" or not shows else f" (now: {now})"
            words = f"'{name}' {plain}{given}"
        yield where + words


def _own(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short when it is so because of mistakes in it, which are told themselves."""
    places = [error["loc"] for error in errors]

    def is_told(error: ErrorDetails) -> bool:
        here = error["loc"]
        return error["type"] == "too_short" and any(place[: len(here)] == here != place for place in places)

    return [error for error in errors if not is_told(error)]


def _shortened(value: object) -> str:
    """Show a value on one line; of a list or a group only that it is one.

    >>> _shortened([1, 2]), _shortened({"a": 1}), len(_shortened("word " * 30))
    ('a list', "a group of 'key: value'", 60)
    """
    if isinstance(value, dict):
        return "a group of 'key: value'"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _valid_keys(model: type[BaseModel], above: tuple[str, ...]) -> list[str]:
    for key in above:
        if key.isdigit():
            continue
        if key not in model.model_fields:
            continue  # a name of the file's own, in a group of names
        inner = _model_within(model.model_fields[key].annotation)
        if inner is None:
            return []
        model = inner
    return [name for name in model.model_fields if name not in FROM_FILE_NAME]


def _model_within(annotation: Any) -> type[BaseModel] | None:
    """Find the model in an annotation such as `Part`, `Part | None` or `tuple[Part, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_within(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
