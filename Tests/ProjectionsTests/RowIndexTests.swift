import LogEngine
import Testing

@testable import Projections

/// Where rows stand in memory.
@Suite struct RowIndexTests {
    @Test func `an index finds what a dictionary finds, also where hashes collide`() {
        var random = SeededGenerator(seed: 4)
        for width in [1, 3, 64] as [UInt64] {
            var index = RowIndex()
            var keys: [UInt64] = []
            for place in 0..<2000 {
                // A narrow hash makes long chains of entries with the same tag.
                let key = UInt64(random.below(1_000_000))
                if index.find(key % width, { keys[$0] == key }) == nil {
                    index.insert(key % width, keys.count)
                    keys.append(key)
                }
                let known = keys[random.below(keys.count)]
                #expect(index.find(known % width) { keys[$0] == known }.map { keys[$0] } == known, "after \(place)")
            }
            #expect(Set(keys).count == keys.count && index.count == keys.count)
            #expect(index.find(0) { _ in false } == nil)
            index.removeAll()
            #expect(index.find(keys[0] % width) { _ in true } == nil)
        }
    }

    /// Keys as they come to a view: moments that mostly rise, some late, some in crowds of one moment.
    @Test(arguments: [0, 20, 100], [7, 30_000])
    func `an index of rising keys finds what a dictionary finds`(_ latePercent: Int, _ crowd: Int) {
        var random = SeededGenerator(seed: UInt64(latePercent + crowd))
        var index = RisingIndex()
        var keys: [(moment: UInt64, id: UInt64)] = []
        var places: [UInt64: Int] = [:]
        func isFound(_ at: Int) -> Bool {
            let key = keys[at]
            return index.find(spread(key.id), moment: key.moment) { keys[$0].id == key.id } == places[key.id]
        }
        // Every seventh hash is that of another key.
        func spread(_ id: UInt64) -> UInt64 { (id % 7 == 0 ? 7 : id) &* 0x9E37_79B9_7F4A_7C15 }
        for number in 0..<20_000 {
            let now = UInt64(1000 + number / crowd)
            let isLate = random.below(100) < latePercent
            let moment = isLate ? now - UInt64(random.below(900)) : now
            let id = UInt64(number + 1)
            let isThere = index.find(spread(id), moment: moment) { keys[$0].id == id } != nil
            places[id] = keys.count
            index.insert(spread(id), moment: moment, keys.count)
            keys.append((moment, id))
            guard !isThere, isFound(random.below(keys.count)) else {
                Issue.record("after \(number) keys one is lost, \(latePercent) % late, crowds of \(crowd)")
                return
            }
        }
        #expect(keys.indices.allSatisfy(isFound) && index.count == keys.count)
        if latePercent == 0, crowd < 6000 {
            #expect(index.strayCount < 7 * crowd, "in order, only the rest of a crowd at the end of a stretch strays")
        }
        index.removeAll()
        #expect(index.find(spread(1), moment: 1000) { _ in true } == nil && index.count == 0)
    }

    /// As wide as that a chunk holds 512 of them.
    struct Wide {
        var number: Int
        private var rest = InlineArray<511, Int>(repeating: 0)

        init(_ number: Int) { self.number = number }
    }

    @Test(arguments: [1, 63, 64, 65, 511, 512, 513, 1024, 3000])
    func `chunks hold what a list holds, and drop from the front`(_ count: Int) {
        for limit in [0, 1, 100, 512, 600, 1024, 5000] {
            var chunks = RowChunks<Wide>()
            for element in 0..<count { chunks.append(Wide(element)) }
            chunks[count - 1].number += 0
            #expect((0..<count).allSatisfy { chunks[$0].number == $0 })
            var list = Array(0..<count)
            for round in 0..<4 {
                var dropped: [Int] = []
                chunks.dropFirst(over: limit) { dropped.append($0.number) }
                #expect(dropped == Array(list.prefix(max(0, list.count - limit))), "in order")
                list = Array(list.suffix(limit))
                for element in 0..<700 {
                    chunks.append(Wide(1000 * round + element))
                    list.append(1000 * round + element)
                }
                #expect((0..<chunks.count).map { chunks[$0].number } == list, "nothing else is lost")
            }
        }
    }

    @Test func `copies of chunks share nothing that changes`() {
        var chunks = RowChunks<[Int]>()
        for element in 0..<200 { chunks.append([element]) }
        chunks.dropFirst(over: 150) { _ in }
        var copy = chunks
        copy[0] = [-1]
        chunks.append([200])
        chunks[1].append(7)
        copy.dropFirst(over: 149) { _ in }
        #expect((0..<chunks.count).map { chunks[$0] } == [[50], [51, 7]] + (52...200).map { [$0] })
        #expect((0..<copy.count).map { copy[$0] } == (51..<200).map { [$0] })
    }
}
