internal import LogFormat

// Whether what was read is still what stands on the disk. A log comes back shorter from a power cut, and a new writer
// then writes other events over the old place; a reader that outlived both must not go on in the middle of them.
extension LogReader {
    /// Whether the block before the place where reading stands is still there, unchanged.
    ///
    /// False right behind a jump too, where no block was read that could be compared.
    func stillStands() throws(LogError) -> Bool {
        guard let current else { return true }
        guard current.linkIsKnown else { return false }
        let path = "\(location.directory)/\(current.name)"
        // Opened anew: another file may have the name now.
        guard fileSystem.kind(path) == .file else { return false }
        let file = try wrapping { () throws(FSError) in try fileSystem.open(path, .read) }
        defer { fileSystem.close(file) }
        guard let header = try? SegmentScan.readHeader(fileSystem, file, name: current.name).header,
            header == current.header
        else { return false }
        guard let start = current.lastStart else { return true }
        return try SegmentMap.blockHeader(fileSystem, file, salt: header.salt, at: start)?.headerHash
            == current.lastHash
    }

    /// The last seq that writers up to `epoch` left: what stands behind it was written by later ones.
    ///
    /// `lastSeq` is where the log ends now.
    func lastSeq(ofWritersUpTo epoch: UInt32, lastSeq: UInt64) throws(LogError) -> UInt64 {
        var cut = lastSeq
        // Epochs never decrease along a log: from the end backwards, up to a segment that no later writer touched.
        for name in try readableNames().reversed() {
            let file = try wrapping { () throws(FSError) in
                try fileSystem.open("\(location.directory)/\(name)", .read)
            }
            defer { fileSystem.close(file) }
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            if UInt32(truncatingIfNeeded: header.writerEpoch) > epoch {
                cut = min(cut, header.baseSeq - 1)
                continue
            }
            var offset = UInt64(SegmentHeader.byteCount)
            while let block = try SegmentMap.blockHeader(fileSystem, file, salt: header.salt, at: offset),
                block.kind != .index, block.kind != .seal
            {
                if block.writerEpoch > epoch { return min(cut, block.firstSeq - 1) }
                offset += UInt64(block.blockByteCount)
            }
            return cut
        }
        return cut
    }
}
