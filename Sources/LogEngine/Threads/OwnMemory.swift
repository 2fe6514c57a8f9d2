/// A value in memory of its own: looking at it costs no check for overlapping uses.
///
/// What an object stores is checked at run time with every use. For what every event touches that is most of the work.
/// Whoever holds this sees to it that one thread at a time, and one use at a time, touches the value.
@safe
package struct OwnMemory<Value>: ~Copyable {
    // SAFETY: made and filled in init, emptied and freed in deinit, never handed out.
    @usableFromInline let memory: UnsafeMutablePointer<Value>

    @inlinable
    package init(_ value: consuming Value) {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: value)
    }

    @inlinable
    deinit {
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    /// The value.
    ///
    /// By its address: reading one of its parts through a coroutine would copy all of it first.
    @inlinable @inline(__always)
    package var value: Value {
        unsafeAddress { unsafe UnsafePointer(memory) }
        nonmutating unsafeMutableAddress { unsafe memory }
    }
}
