package import Foundation

/// Messages of a capture: lines `<receive time in nanoseconds> <message>`, plain or gzip.
package enum RecordedFrames {
    /// One line.
    package struct Line: Sendable {
        /// Nanoseconds since 1970.
        package var receivedNanos: Int64
        /// The message.
        package var bytes: [UInt8]
    }

    /// What is wrong with a capture.
    package struct Unreadable: Error, CustomStringConvertible {
        package var description: String
    }

    /// Reads a capture; `gzip` unpacks it where need be.
    package static func load(_ file: URL) throws -> [Line] {
        try lines(file.pathExtension == "gz" ? unpack(file) : Array(Data(contentsOf: file)))
    }

    /// Reads the lines of a capture.
    package static func lines(_ bytes: [UInt8]) throws -> [Line] {
        try bytes.split(separator: 0x0A).enumerated().map { index, line in
            guard let space = line.firstIndex(of: 0x20),
                let nanos = Int64(String(decoding: line[..<space], as: UTF8.self))
            else { throw Unreadable(description: "line \(index + 1) does not begin with a time and a space") }
            return Line(receivedNanos: nanos, bytes: Array(line[(space + 1)...]))
        }
    }

    private static func unpack(_ file: URL) throws -> [UInt8] {
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", file.path(percentEncoded: false)]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0 else {
            throw Unreadable(description: "gzip ended with \(gzip.terminationStatus) on \(file.lastPathComponent)")
        }
        return Array(data)
    }
}
