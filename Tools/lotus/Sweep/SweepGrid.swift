import LogFormat

/// The combinations of a sweep.
struct SweepGrid {
    /// A setting and its values.
    struct Axis {
        let name: String
        let values: [String]
    }

    /// One combination.
    struct Cell {
        /// Its folder's name within that of the sweep.
        let name: String
        /// Settings in the order in which they were given.
        let settings: [(name: String, value: String)]

        /// The seed, where it varies.
        var seed: UInt64? { settings.first { $0.name == "seed" }.flatMap { UInt64($0.value) } }

        /// What it changes, as a file for `--overlay`; one that changes nothing is an empty mapping.
        var overlay: String {
            var lines: [String] = []
            var detectors: [String] = []
            for setting in settings where setting.name.contains(".") {
                let id = String(setting.name.prefix { $0 != "." })
                if !detectors.contains(id) { detectors.append(id) }
            }
            if !detectors.isEmpty { lines.append("params:") }
            for id in detectors {
                lines.append("  \(id):")
                for setting in settings where setting.name.hasPrefix("\(id).") {
                    lines.append("    \(setting.name.dropFirst(id.count + 1)): \(setting.value)")
                }
            }
            for setting in settings where !setting.name.contains(".") && setting.name != "seed" {
                lines.append("\(setting.name): \(setting.value)")
            }
            return lines.isEmpty ? "{}\n" : lines.joined(separator: "\n") + "\n"
        }
    }

    let axes: [Axis]

    /// Most cells of a sweep.
    static let cellsMax = 4_096

    /// Reads `NAME=V1,V2`, one text an axis.
    init(_ texts: [String]) throws {
        var axes: [Axis] = []
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let values = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
            guard !values.isEmpty, Self.isPlain(parts[0]), values.allSatisfy(Self.isPlain) else {
                throw ToolError(.usage, "--vary \(text): expected NAME=V1,V2,... such as siblings=0,2")
            }
            guard Set(values).count == values.count else {
                throw ToolError(.usage, "--vary \(text): names a value twice; each is a run")
            }
            guard !axes.contains(where: { $0.name == parts[0] }) else {
                throw ToolError(.usage, "--vary \(text): \(parts[0]) is given twice; put all values into one")
            }
            if parts[0] == "seed", let wrong = values.first(where: { UInt64($0) == nil }) {
                throw ToolError(.usage, "--vary \(text): \(wrong) is no seed, expected a whole number")
            }
            axes.append(Axis(name: parts[0], values: values))
        }
        guard !axes.isEmpty else { throw ToolError(.usage, "nothing varies; give --vary NAME=V1,V2,...") }
        var count = 1
        for axis in axes {
            count *= axis.values.count
            guard count <= Self.cellsMax else {
                throw ToolError(.usage, "the sweep has more than \(Self.cellsMax) cells; vary fewer settings at once")
            }
        }
        self.axes = axes
    }

    /// All combinations; the last axis varies fastest.
    var cells: [Cell] {
        var all: [[(name: String, value: String)]] = [[]]
        for axis in axes { all = all.flatMap { start in axis.values.map { start + [(axis.name, $0)] } } }
        return all.enumerated().map { place, settings in
            let digits = "\(place + 1)"
            return Cell(name: "cell-" + String(repeating: "0", count: 4 - digits.count) + digits, settings: settings)
        }
    }

    /// Nothing that a YAML file would take for anything but a word or a number.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }
}
