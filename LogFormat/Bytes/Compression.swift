internal import CLotus

/// LZ4 frames with the settings of SPEC.md section 3, both ways, with reused memory.
@safe
public struct FrameCodec: ~Copyable {
    let context: OpaquePointer

    /// Makes a codec; one per thread.
    public init() {
        guard let made = unsafe clotus_lz4_create() else { fatalError("out of memory for an LZ4 context") }
        unsafe context = made
    }

    deinit { unsafe clotus_lz4_destroy(context) }

    /// Appends `raw` to `target` as one LZ4 frame and returns the frame's length.
    public func compress(_ raw: UnsafeRawBufferPointer, into target: inout ByteBuffer) -> Int {
        let bound = clotus_lz4_bound(raw.count)
        let before = target.count
        unsafe target.appendUninitialized(bound) { room in
            let made = unsafe clotus_lz4_compress(raw.baseAddress, raw.count, room.baseAddress, room.count)
            precondition(made > 0, "Invariant: LZ4 fits its own bound")
            return made
        }
        return target.count - before
    }

    /// Appends the content of `frame`, which must be exactly `rawCount` bytes, to `target`.
    ///
    /// Errors: `badCompression` when the frame is malformed or has another length.
    public func decompress(
        _ frame: UnsafeRawBufferPointer, rawCount: Int, into target: inout ByteBuffer
    ) throws(FormatError) {
        guard rawCount <= FormatLimits.batchRawBytesMax else {
            throw .limit(what: "raw batch length", found: rawCount, limit: FormatLimits.batchRawBytesMax)
        }
        unsafe try target.appendUninitialized(rawCount) { room throws(FormatError) in
            let code = unsafe clotus_lz4_decompress(
                context, frame.baseAddress, frame.count, room.baseAddress, room.count)
            guard code == 0 else { throw .badCompression(code: Int(code)) }
            return rawCount
        }
    }
}
