#!/usr/bin/env python3
"""Writes Sources/DetectorYAML/ShippedDetectors+Files.swift from Sources/DetectorYAML/detectors/*.yaml.

A test compares the table with the files, so that neither changes alone.
"""

import pathlib

root = pathlib.Path(__file__).resolve().parent.parent
folder = root / "Sources" / "DetectorYAML"
parts = [
    "// Written by Tools/detector_table.py from detectors/*.yaml.\n",
    "extension ShippedDetectors {",
    "    /// The specifications, in order of their names.",
    "    package static let files: [File] = [",
]
for path in sorted((folder / "detectors").glob("*.yaml")):
    text = path.read_text(encoding="utf-8")
    parts.append(f'        File(\n            name: "{path.stem}",\n            text: #"""')
    for line in text.splitlines():
        parts.append(f"                {line}" if line else "")
    parts.append('\n                """#),')
parts.append("    ]\n}")
(folder / "ShippedDetectors+Files.swift").write_text("\n".join(parts) + "\n", encoding="utf-8")
