internal import LogFormat

extension LogReader {
    func currentSegment() throws(LogError) -> Current? {
        if let current { return current }
        if let broken { throw broken.error }
        guard let first = try readableNames().first else {
            try checkNotEmptied()
            return nil
        }
        try open(first)
        if let current {
            nextSeq = current.header.baseSeq
            if location.onlySegment == nil, current.header.ordinal > 0 {
                throw LogError(
                    .damaged,
                    "\(location.directory): the log begins with segment number \(current.header.ordinal), "
                        + "events 1…\(current.header.baseSeq - 1) are missing")
            }
        }
        return current
    }

    func open(_ name: String) throws(LogError) {
        if let current { fileSystem.close(current.file) }
        current = nil
        broken = nil
        let file = try wrapping { () throws(FSError) in
            try fileSystem.open("\(location.directory)/\(name)", .read)
        }
        do throws(LogError) {
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            epoch = header.writerEpoch
            current = Current(
                file: file, header: header, name: name,
                stream: SegmentStream(
                    fileSystem, file, salt: header.salt, offset: UInt64(SegmentHeader.byteCount),
                    limit: try wrapping { () throws(FSError) in try fileSystem.size(file) }),
                lastHash: header.headerID, linkIsKnown: true)
        } catch {
            fileSystem.close(file)
            guard error.code == .format else { throw error }
            let damage = LogError(
                .damaged, "\(location.directory)/\(name): \(try eventsOf(name)) cannot be read: \(error.message)")
            broken = (name, damage)
            throw damage
        }
    }

    /// Names of the segments, without a last one that is only half created.
    func readableNames() throws(LogError) -> [String] {
        var names = try location.segmentNames()
        if let last = names.last, last != current?.name, location.onlySegment == nil,
            let base = LogPaths.baseSeq(last), base > acknowledgedSeq(),
            try SegmentScan.isUnfinished(fileSystem, "\(location.directory)/\(last)")
        {
            names.removeLast()
        }
        return names
    }

    /// The events of a segment whose header cannot be read, as far as file names tell.
    func eventsOf(_ name: String) throws(LogError) -> String {
        let names = try location.segmentNames()
        guard let first = LogPaths.baseSeq(name) else { return "its events" }
        guard let index = names.firstIndex(of: name), index + 1 < names.count,
            let next = LogPaths.baseSeq(names[index + 1])
        else { return "events from \(first) on" }
        return "events \(first)…\(next - 1)"
    }

    func setLimit(_ stream: SegmentStream, _ ordinal: UInt64, _ live: CommitState?) throws(LogError) {
        guard let live else {
            guard let current, stream.offset >= stream.limit else { return }
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
            return
        }
        let mark = level == .durable ? live.durable : live.written
        if ordinal == mark.ordinal {
            if mark.offset > stream.limit { stream.forget() }
            stream.limit = max(mark.offset, UInt64(SegmentHeader.byteCount))
        } else if ordinal < mark.ordinal, let current {
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
        } else {
            stream.limit = UInt64(SegmentHeader.byteCount)
        }
    }

    /// Moves to the next segment; false if there is none to read yet.
    func advance(_ live: CommitState?) throws(LogError) -> Bool {
        guard let current else { return false }
        if let live {
            let mark = level == .durable ? live.durable : live.written
            if current.header.ordinal >= mark.ordinal { return false }
        }
        let names = try readableNames()
        guard let index = names.firstIndex(of: current.name), index + 1 < names.count else { return false }
        let before = current
        let dataEnd = current.stream.offset
        // The writer may have added to this segment between the last look and the roll.
        try setLimit(current.stream, current.header.ordinal, live)
        if case .block(let block) = try wrapping({ () throws(FSError) in try current.stream.next() }),
            block.kind != .index
        {
            current.stream.seek(to: dataEnd)
            return true
        }
        try open(names[index + 1])
        guard let opened = self.current else { return false }
        guard opened.header.ordinal == before.header.ordinal + 1 else {
            throw LogError(
                .damaged,
                "\(location.directory): segment number \(before.header.ordinal + 1) is missing, events "
                    + "\(nextSeq)…\(opened.header.baseSeq - 1) with it")
        }
        guard opened.header.predecessor.lastSeq == nextSeq - 1, opened.header.predecessor.salt == before.header.salt
        else {
            throw damage(
                before, first: nextSeq, last: opened.header.predecessor.lastSeq,
                "ends at seq \(nextSeq - 1), its successor says \(opened.header.predecessor.lastSeq)")
        }
        return true
    }

    /// Whether the next segment says that this one's data ended here: then what follows is an unfinished index or
    /// seal.
    func successorStarts(at offset: UInt64, _ current: Current) throws(LogError) -> Bool {
        let names = try location.segmentNames()
        guard let index = names.firstIndex(of: current.name), index + 1 < names.count else { return false }
        let name = names[index + 1]
        let file = try wrapping { () throws(FSError) in try fileSystem.open("\(location.directory)/\(name)", .read) }
        defer { fileSystem.close(file) }
        guard let next = try? SegmentScan.readHeader(fileSystem, file, name: name).header.predecessor else {
            return false
        }
        current.stream.seek(to: offset)
        return next.dataEnd == offset && next.lastSeq == nextSeq - 1 && next.salt == current.header.salt
    }
}
