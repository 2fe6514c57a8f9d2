import Statistics

/// Windows of one detector by their places: four bytes each, where a copy of a window takes a hundred.
struct TestedWindows: RandomAccessCollection {
    private let windows: [PaperWindow]
    /// Nil for all of them.
    private let places: [Int32]?

    init(_ windows: [PaperWindow], _ places: [Int32]? = nil) {
        self.windows = windows
        self.places = places
    }

    var startIndex: Int { 0 }
    var endIndex: Int { places?.count ?? windows.count }
    subscript(index: Int) -> PaperWindow { windows[places.map { Int($0[index]) } ?? index] }

    /// Those of several detectors, one behind the other, parted by a key; in the order of the keys' bytes.
    static func parts(
        _ all: [TestedWindows], by key: (PaperWindow) -> String
    ) -> [(name: String, windows: FlattenSequence<[TestedWindows]>)] {
        var parts: [String: [[Int32]]] = [:]
        for (detector, tested) in all.enumerated() {
            for place in tested.indices {
                parts[key(tested[place]), default: [[Int32]](repeating: [], count: all.count)][detector]
                    .append(tested.places?[place] ?? Int32(place))
            }
        }
        return parts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { name, places in
            (name, zip(all, places).map { TestedWindows($0.windows, $1) }.joined())
        }
    }
}

extension RunJudgement.Detector {
    /// Windows of the tests, in order of time.
    var tested: TestedWindows { TestedWindows(windows, testedPlaces) }
}
