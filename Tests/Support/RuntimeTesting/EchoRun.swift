package import Events
package import Herald
package import LogEngine
internal import LogFormat
package import Runtime

/// Where modules that ask, answer and count run: their contracts, a simulated disk, and what came of it.
package enum EchoRun {
    package static let modules: [Module] = [.sig, .dm, .tr, .herald]
    package static let second: Int64 = 1_000_000_000

    package static let map = ModelMap(
        [
            ModuleManifest(
                .sig, version: "1", outbound: [Outbound(.watchdogAlert, "urn:alert")],
                inbound: [Inbound(.watchdogAlert, "urn:alert", action: "hear")]),
            ModuleManifest(
                .dm, version: "1", outbound: [Outbound(.watchdogAlert, "urn:alert")],
                inbound: [Inbound(.watchdogAlert, "urn:alert", action: "answer")]),
            ModuleManifest(.tr, version: "1", inbound: [Inbound(.watchdogAlert, "urn:alert", action: "count")]),
        ],
        mayAddress: [(.sig, [.dm]), (.dm, [.sig, .tr])])

    package static func environment(_ disk: SimulatedDisk) -> LogEnvironment {
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        return environment
    }

    package static func makeDisk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 3)
        try disk.createDirectory("root")
        try disk.syncDirectory(".")
        return disk
    }

    package static func openRoot(_ disk: SimulatedDisk, _ modules: [Module] = EchoRun.modules) throws -> Root {
        var options = LogOptions()
        options.reserveBytes = 0
        return try Root("root", modules: modules, options: options, environment: environment(disk), holes: .refill)
    }

    /// Everything on the logs: global seq and canonical stable bytes, in order.
    package static func contents(_ disk: SimulatedDisk, _ modules: [Module] = modules) throws -> [Module: [[UInt8]]] {
        var all: [Module: [[UInt8]]] = [:]
        for module in modules {
            let history = try LogHistory("root/\(module.text)", environment: environment(disk))
            var events: [[UInt8]] = []
            while !history.isAtEnd {
                events.append(Array("\(history.globalSeq)|".utf8) + history.stable)
                try history.advance()
            }
            all[module] = events
        }
        return all
    }
}
