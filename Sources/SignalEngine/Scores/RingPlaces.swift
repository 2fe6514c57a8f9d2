/// Places of the last values in a memory that is taken whole: the oldest goes when there is no room.
struct RingPlaces: Sendable {
    let capacity: Int
    /// How many there are.
    private(set) var count = 0
    /// Place of the next value; once the ring is full, that of the oldest.
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    /// The place of a new value.
    mutating func take() -> Int {
        defer { next = next + 1 == capacity ? 0 : next + 1 }
        count = min(count + 1, capacity)
        return next
    }

    /// The place of a value by its age, the oldest at step 0.
    func place(_ step: Int) -> Int {
        let place = (count < capacity ? 0 : next) + step
        return place < capacity ? place : place - capacity
    }
}
