internal import LogFormat

/// The segment that is being written: a file, where its blocks end, and what the next block must link to.
package struct ActiveSegment {
    let file: FileID
    let header: SegmentHeader
    /// Size of the file, padding included.
    var fileSize: UInt64
    /// Where the next block goes.
    var end: UInt64
    /// Link of the next block.
    var lastHash: UInt64
    /// Types that the segment describes already.
    var describedTypes: Set<UInt16>
    /// Whether it holds any event.
    var hasEvents: Bool

    var mark: (ordinal: UInt64, offset: UInt64) { (header.ordinal, end) }
}

extension LogFS {
    /// Writes `blocks` at the end of the segment, followed by a padding frame that keeps the file a valid LZ4 stream,
    /// in one write.
    ///
    /// When the space written ahead does not suffice, new zeros are put behind the end of the file first, in a
    /// padding frame of their own, so
    /// the file is a valid stream at every moment.
    func append(
        _ blocks: inout ByteBuffer, to segment: inout ActiveSegment, zeroAheadBytes: Int, sizeMax: Int
    ) throws(FSError) {
        let newEnd = segment.end + UInt64(blocks.count)
        let oldSize = segment.fileSize
        if newEnd > oldSize || oldSize - newEnd < 8 {
            let target = max(min(newEnd + UInt64(zeroAheadBytes), UInt64(sizeMax)), max(newEnd, oldSize) + 8)
            if zeroAheadBytes > 0 {
                var ahead = ByteBuffer(capacity: Int(target - oldSize))
                ahead.append(SkippableMagic.padding)
                ahead.append(UInt32(target - oldSize - 8))
                ahead.appendZeros(Int(target - oldSize - 8))
                try unsafe ahead.withUnsafeBytes { bytes throws(FSError) in
                    unsafe try write(segment.file, bytes, at: oldSize)
                }
                segment.fileSize = target
            } else if oldSize > newEnd {
                // Too short for a padding frame, and none is wanted.
                try truncate(segment.file, to: newEnd)
                segment.fileSize = newEnd
            }
        }
        if segment.fileSize >= newEnd + 8 {
            blocks.append(SkippableMagic.padding)
            blocks.append(UInt32(segment.fileSize - newEnd - 8))
            // The header of the frame just put behind the old end is inside the new padding now, whose content is
            // zero.
            if segment.fileSize != oldSize, newEnd < oldSize { blocks.appendZeros(Int(oldSize - newEnd)) }
        }
        try unsafe blocks.withUnsafeBytes { bytes throws(FSError) in
            unsafe try write(segment.file, bytes, at: segment.end)
        }
        segment.fileSize = max(segment.fileSize, newEnd)
        segment.end = newEnd
    }
}
