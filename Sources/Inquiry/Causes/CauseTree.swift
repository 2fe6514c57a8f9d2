package import Events
package import Filters
package import LogEngine
import LogFormat

/// Why an event is there: what caused it, back to the raw events (design §5, `why`).
///
/// Three kinds of arrows lead back: the parent of the lineage; what an event names in its fields, which are other
/// events, patches, braids, detectors and versions of the priors; and, where nothing caused it by name, the last input
/// that its author had seen.
package struct CauseTree: Equatable, Sendable {
    /// How a cause is named by its effect.
    package enum Arrow: Equatable, Sendable {
        /// What was asked about.
        case asked
        case parent
        /// A field of the effect.
        case field(String)
        /// The last input seen.
        case seen(UInt64)
    }

    /// An event with its causes.
    package struct Node: Equatable, Sendable {
        package let arrow: Arrow
        /// Nil where a cause is named that the root does not hold.
        package let event: RecordedEvent?
        /// The id that was looked for.
        package let id: ULID?
        package var causes: [Node] = []
        /// Whether it stands further up in the tree, with its causes.
        package var isRepeated = false
    }

    package let root: Node
    /// Events in the tree.
    package let count: Int
    /// Whether the tree stops at `eventsMax` events.
    package let isCut: Bool
    /// Events that a filter left out; nil for a whole tree.
    package private(set) var leftOut: Int?

    /// Most events of a tree.
    package static let eventsMax = 1000

    /// The tree of an event.
    package init(_ event: RecordedEvent, of logs: RootLogs) throws(LogError) {
        var climb = Climb(logs: logs, things: try NamedThings(logs))
        root = try climb.node(.asked, event)
        count = climb.seenPlaces.count
        isCut = climb.isCut
    }

    private init(root: Node, count: Int, isCut: Bool, leftOut: Int) {
        (self.root, self.count, self.isCut, self.leftOut) = (root, count, isCut, leftOut)
    }

    /// The tree without the causes that a filter does not take, unless they lead to one that it takes.
    package func pruned(where filter: Filter) -> CauseTree {
        let sieve = EventSieve(filter)
        // Whether an event stays, by its place: where it stands once more, without its causes, the same holds.
        var kept: [String: Bool] = [root.event?.place ?? "": true]
        func prune(_ node: Node) -> Node? {
            guard let event = node.event else { return nil }
            var pruned = node
            pruned.causes = node.causes.compactMap(prune)
            let isKept = kept[event.place] ?? (!pruned.causes.isEmpty || sieve.takes(event))
            kept[event.place] = isKept
            return isKept ? pruned : nil
        }
        let staying = prune(root) ?? root
        let stays = kept.values.count { $0 }
        return CauseTree(root: staying, count: stays, isCut: isCut, leftOut: count - stays)
    }

    private struct Climb {
        let logs: RootLogs
        let things: NamedThings
        var seenPlaces: Set<String> = []
        var isCut = false

        mutating func node(_ arrow: Arrow, _ event: RecordedEvent) throws(LogError) -> Node {
            var node = Node(arrow: arrow, event: event, id: event.id)
            guard seenPlaces.insert(event.place).inserted else {
                node.isRepeated = true
                return node
            }
            guard seenPlaces.count < CauseTree.eventsMax else {
                isCut = true
                return node
            }
            if let parent = event.parentID { node.causes.append(try cause(.parent, parent)) }
            for (path, id) in event.references where id != event.id && id != event.parentID {
                // Ids of braids, runs and other things are no events.
                guard let named = try logs.event(id, isThorough: false) else { continue }
                node.causes.append(try self.node(.field(path), named))
            }
            for (path, place) in things.causes(of: event) {
                guard let named = try logs.event(place.log, seq: place.seq) else { continue }
                node.causes.append(try self.node(.field(path), named))
            }
            if !node.causes.contains(where: \.arrow.isOwn), let seen = event.seenGlobalSeq, seen < event.head.globalSeq
            {
                if let last = try logs.event(globalSeq: seen) {
                    node.causes.append(try self.node(.seen(seen), last))
                } else {
                    node.causes.append(Node(arrow: .seen(seen), event: nil, id: nil))
                }
            }
            return node
        }

        private mutating func cause(_ arrow: Arrow, _ id: ULID) throws(LogError) -> Node {
            guard let event = try logs.event(id, isThorough: true) else {
                return Node(arrow: arrow, event: nil, id: id)
            }
            return try node(arrow, event)
        }
    }
}

extension CauseTree.Arrow {
    /// Whether it tells what the event is about, and not only under which rules it came to be.
    fileprivate var isOwn: Bool { self != .field("priors_ver") && self != .field("detector_id") }

    /// The arrow in a word or two.
    package var text: String {
        switch self {
        case .asked: "asked"
        case .parent: "parent"
        case .field(let path): path
        case .seen(let globalSeq): "seen up to gsn \(globalSeq)"
        }
    }
}

extension CauseTree {
    /// The tree for people: effects above their causes.
    package var text: String {
        var lines: [String] = []
        Self.append(root, prefix: "", isLast: true, isRoot: true, &lines)
        if let leftOut, leftOut > 0 { lines.append("\(leftOut) more that --where does not take") }
        if isCut { lines.append("the tree stops at \(Self.eventsMax) events: ask for one of those that stand last") }
        return lines.joined(separator: "\n")
    }

    private static func append(_ node: Node, prefix: String, isLast: Bool, isRoot: Bool, _ lines: inout [String]) {
        let branch = isRoot ? "" : isLast ? "└─ \(node.arrow.text): " : "├─ \(node.arrow.text): "
        let below = isRoot ? "" : isLast ? "   " : "│  "
        guard let event = node.event else {
            let what = node.id.map { "event \($0.text)" } ?? "an event"
            lines.append("\(prefix)\(branch)\(what) is not in this root")
            return
        }
        lines.append("\(prefix)\(branch)\(event.title)\(node.isRepeated ? "  (see above)" : "")")
        guard !node.isRepeated else { return }
        let next = prefix + below
        let rail = node.causes.isEmpty ? "   " : "│  "
        if let id = event.id {
            lines.append("\(next)\(rail)id \(id.text)" + (event.lifecycleID.map { ", story L-\($0.text)" } ?? ""))
        }
        let summary = event.summary()
        if !summary.isEmpty { lines.append("\(next)\(rail)\(summary)") }
        for (index, cause) in node.causes.enumerated() {
            append(cause, prefix: next, isLast: index + 1 == node.causes.count, isRoot: false, &lines)
        }
    }

    /// One JSON object; causes are nested.
    package var json: String {
        let left = leftOut.map { ",\"left_out\":\($0)" } ?? ""
        return "{\"events\":\(count),\"cut\":\(isCut)\(left),\"why\":\(Self.json(root))}"
    }

    private static func json(_ node: Node) -> String {
        let arrow: String
        switch node.arrow {
        case .asked: arrow = "\"asked\""
        case .parent: arrow = "\"parent\""
        case .field(let path): arrow = "\"field\",\"field\":\(jsonString(path))"
        case .seen(let globalSeq): arrow = "\"seen\",\"seen_gsn\":\(globalSeq)"
        }
        let id = node.id.map { "\"\($0.text)\"" } ?? "null"
        return "{\"by\":\(arrow),\"id\":\(id),\"event\":\(node.event?.json ?? "null"),\"repeated\":\(node.isRepeated),"
            + "\"causes\":[\(node.causes.map(json).joined(separator: ","))]}"
    }
}
