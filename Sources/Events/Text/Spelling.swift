/// Help with misspelt names.
package enum Spelling {
    /// Farthest name that is offered, in single changes of a letter.
    package static let distanceMax = 3

    /// ` (did you mean 'a' or 'b'?)`, or nothing where no name is near.
    package static func hint(_ found: String, among names: [String]) -> String {
        let near = names.map { (distance(found, $0), $0) }.filter { $0.0 <= min(distanceMax, max(1, found.count / 2)) }
            .sorted { $0 < $1 }.prefix(3).map { "'\($0.1)'" }
        return near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)"
    }

    /// Levenshtein's distance; names beyond 64 bytes count as far.
    package static func distance(_ a: String, _ b: String) -> Int {
        let (first, second) = (Array(a.utf8), Array(b.utf8))
        guard first.count <= 64, second.count <= 64 else { return 64 }
        var row = Array(0...second.count)
        for (index, byte) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in second.indices {
                let cost = diagonal + (byte == second[place] ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(cost, row[place] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
