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

    @Test(arguments: [1, 511, 512, 513, 1024, 3000])
    func `chunks hold what a list holds, and drop from the front`(_ count: Int) {
        for limit in [0, 100, 512, 600, 1024, 5000] {
            var chunks = RowChunks<Int>()
            for element in 0..<count { chunks.append(element) }
            chunks[count - 1] += 0
            #expect((0..<count).allSatisfy { chunks[$0] == $0 })
            var dropped: [Int] = []
            chunks.dropFirst(over: limit) { dropped.append($0) }
            #expect(dropped == Array(0..<dropped.count), "in order")
            #expect((0..<chunks.count).map { chunks[$0] } == Array(dropped.count..<count), "nothing else is lost")
            #expect(limit < 512 ? chunks.count == 0 : chunks.count < limit + 512)
            #expect(count > limit || dropped.isEmpty || limit < 512)
            chunks.append(-1)
            #expect(chunks[chunks.count - 1] == -1)
        }
    }
}
