import LogEngine
import LogFormat

/// The one entry of a zip archive, as its central directory tells (APPNOTE 6.3, sections 4.3.7 to 4.3.16).
struct ZipEntry: Equatable {
    /// Longest end record with its comment.
    private static let endBytesMax: UInt64 = 22 + 65_535

    let name: String
    /// Where its data begin.
    let offset: UInt64
    let compressedCount: UInt64
    let crc: UInt32
    /// Stored and not deflated.
    let isStored: Bool

    /// Reads the directory of an archive.
    ///
    /// - Throws: `format` for an archive that is damaged, holds anything but one file, is encrypted or packed
    ///   otherwise.
    init(_ path: String, _ file: FileID, _ fileSize: UInt64, _ fileSystem: any LogFS) throws(LogError) {
        func read(_ count: Int, at offset: UInt64) throws(LogError) -> [UInt8] {
            do throws(FSError) { return try fileSystem.read(file, count: count, at: offset) } catch {
                throw LogError(error)
            }
        }
        func broken(_ what: String) -> LogError {
            LogError(.format, "\(path): \(what); expected a zip archive with one file, stored or deflated")
        }
        let tailCount = min(fileSize, Self.endBytesMax)
        let tail = try read(Int(tailCount), at: fileSize - tailCount)
        var end = tail.count - 22
        while end >= 0, !tail[end...].starts(with: [0x50, 0x4b, 0x05, 0x06]) { end -= 1 }
        guard end >= 0 else { throw broken("the directory at the end of the archive is missing: it ends early") }
        let entryCount = Self.number(tail, end + 10, 2)
        let directory = UInt64(Self.number(tail, end + 16, 4))
        guard entryCount == 1 else { throw broken("holds \(entryCount) files") }
        let entry = try read(46, at: directory)
        guard entry.count == 46, entry.starts(with: [0x50, 0x4b, 0x01, 0x02]) else {
            throw broken("the directory is damaged")
        }
        let method = Self.number(entry, 10, 2)
        guard Self.number(entry, 8, 2) & 1 == 0 else { throw broken("the file is encrypted") }
        guard method == 0 || method == 8 else { throw broken("packed by method \(method)") }
        crc = Self.number(entry, 16, 4)
        let nameCount = Int(Self.number(entry, 28, 2))
        let extraCount = Int(Self.number(entry, 30, 2))
        let variable = try read(nameCount + extraCount, at: directory + 46)
        guard variable.count == nameCount + extraCount else { throw broken("the directory is damaged") }
        name = String(decoding: variable[..<nameCount], as: UTF8.self)
        var wide = Self.wideNumbers(Array(variable[nameCount...]))[...]
        /// A number of 32 bits, or the next of 64 in its place.
        func size(_ at: Int) throws(LogError) -> UInt64 {
            let short = Self.number(entry, at, 4)
            guard short == .max else { return UInt64(short) }
            guard let long = wide.popFirst() else { throw broken("the directory lacks a size of 64 bits") }
            return long
        }
        _ = try size(24)
        compressedCount = try size(20)
        let local = try size(42)
        guard local < fileSize, compressedCount <= fileSize else {
            throw broken("\(name) ends behind the end of the archive")
        }
        let header = try read(30, at: local)
        guard header.count == 30, header.starts(with: [0x50, 0x4b, 0x03, 0x04]) else {
            throw broken("the header of \(name) is damaged")
        }
        offset = local + 30 + UInt64(Self.number(header, 26, 2)) + UInt64(Self.number(header, 28, 2))
        isStored = method == 0
        guard offset + compressedCount <= fileSize else { throw broken("\(name) ends behind the end of the archive") }
    }

    /// The numbers of the field that carries sizes of 64 bits (section 4.5.3); none if there is no such field.
    private static func wideNumbers(_ extra: [UInt8]) -> [UInt64] {
        var at = 0
        while at + 4 <= extra.count {
            let count = Int(number(extra, at + 2, 2))
            guard at + 4 + count <= extra.count else { return [] }
            if number(extra, at, 2) == 1 {
                return stride(from: at + 4, to: at + 4 + count - 7, by: 8).map { place in
                    UInt64(number(extra, place, 4)) | UInt64(number(extra, place + 4, 4)) << 32
                }
            }
            at += 4 + count
        }
        return []
    }

    /// A little-endian number; the caller knows that the bytes are there.
    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt32 {
        bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
