// swift-tools-version: 6.2
import PackageDescription

// One loop at the end gives every Swift target the same strict settings.
let package = Package(
    name: "lotus",
    products: [
        .executable(name: "lotus", targets: ["lotus"]),
        .library(name: "LogFormat", targets: ["LogFormat"]),
        .library(name: "LogEngine", targets: ["LogEngine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        // Every segment header names the commit of the program that wrote it.
        .target(
            name: "CLotus",
            cSettings: [
                .define("LOTUS_COMMIT", to: "\"\(Context.gitInformation?.currentCommit ?? "")\""),
                .define("LOTUS_MODIFIED", to: Context.gitInformation?.hasUncommittedChanges == true ? "1" : "0"),
            ]
        ),
        .target(name: "CZlib"),
        .target(name: "CRows"),
        .target(name: "LogFormat", dependencies: ["CLotus"], path: "LogFormat"),
        .target(name: "LogEngine", dependencies: ["CLotus", "LogFormat"]),
        // squareRoot() of a negative number ends in the C library.
        .target(name: "Statistics", linkerSettings: [.linkedLibrary("m")]),
        .target(name: "Events", dependencies: ["LogFormat"]),
        .target(name: "Filters", dependencies: ["Events", "LogFormat"]),
        .target(name: "Parquet", dependencies: ["Events", "LogFormat"]),
        .target(name: "Market", dependencies: ["Events", "LogFormat", "Statistics"]),
        .target(name: "SignalEngine", dependencies: ["Events", "LogFormat", "Statistics"]),
        .target(name: "PlacedYAML", dependencies: ["Yams"]),
        .target(
            name: "DetectorYAML",
            dependencies: ["Events", "LogFormat", "PlacedYAML", "SignalEngine", "Yams"],
            exclude: ["detectors"]),
        .target(name: "Report", dependencies: ["Statistics"]),
        .target(name: "Weave", dependencies: ["Events", "LogFormat", "Statistics"]),
        .target(name: "Herald", dependencies: ["Events", "LogFormat"]),
        .target(name: "Contracts", dependencies: ["Events", "Herald", "LogFormat"], exclude: ["manifests"]),
        .target(
            name: "ManifestYAML", dependencies: ["Events", "Herald", "Contracts", "LogFormat", "PlacedYAML", "Yams"]),
        .target(
            name: "Signing",
            dependencies: ["Events", "Herald", "LogFormat", .product(name: "Crypto", package: "swift-crypto")]
        ),
        .target(
            name: "Runtime",
            dependencies: [
                "CZlib", "Events", "Herald", "LogEngine", "LogFormat", "Market",
            ]),
        .target(
            name: "Backtest",
            dependencies: [
                "Contracts", "Events", "LogEngine", "LogFormat", "Market", "Report", "Runtime", "SignalEngine",
                "Statistics", "Weave",
            ]),
        // The feed of a venue into a root: the one target beside the programs that knows sockets and logs.
        .target(
            name: "LiveFeed", dependencies: ["Events", "LogEngine", "LogFormat", "Market", "Runtime", "VenueFeed"]),
        // Generated histories, for tests and for `lotus bench root`.
        .target(name: "Specimens", dependencies: ["Events", "LogEngine", "LogFormat", "Runtime"]),
        .target(
            name: "Inquiry",
            dependencies: ["CLotus", "Events", "Filters", "LogEngine", "LogFormat", "Runtime", "Statistics", "Weave"]),
        .target(
            name: "Projections",
            dependencies: ["CRows", "Events", "LogEngine", "LogFormat", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Projections"),
        .target(
            name: "VenueFeed",
            dependencies: [
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        // A venue on this machine for tests of the feed and, later, of the whole program; no product depends on it.
        .target(
            name: "VenueFeedTesting",
            dependencies: [
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/Support/VenueFeedTesting"
        ),
        // What several test targets share; no product depends on any of it.
        .target(
            name: "LogTesting", dependencies: ["LogEngine", "LogFormat"], path: "Tests/Support/LogTesting"),
        .target(
            name: "HeraldTesting", dependencies: ["Events", "Herald", "LogFormat"],
            path: "Tests/Support/HeraldTesting"),
        .target(
            name: "RuntimeTesting", dependencies: ["Events", "Herald", "LogEngine", "LogFormat", "Runtime"],
            path: "Tests/Support/RuntimeTesting"),
        .target(
            name: "BacktestTesting",
            dependencies: ["Backtest", "DetectorYAML", "LogEngine", "Runtime", "SignalEngine", "Specimens"],
            path: "Tests/Support/BacktestTesting"),
        .target(
            name: "ProjectionsTesting",
            dependencies: ["Events", "LogEngine", "LogFormat", "Projections", "Runtime", "Specimens"],
            path: "Tests/Support/ProjectionsTesting"),
        .executableTarget(
            name: "lotus",
            dependencies: [
                "CLotus", "LogFormat", "LogEngine", "Events", "Herald", "Contracts", "ManifestYAML", "Inquiry",
                "Backtest", "DetectorYAML", "Filters", "LiveFeed", "Market", "Parquet", "PlacedYAML", "Projections",
                "Report",
                "Runtime",
                "SignalEngine", "Signing", "Specimens", "Statistics", "VenueFeed", "Weave", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tools/lotus"
        ),
        .testTarget(name: "LogFormatTests", dependencies: ["LogFormat"]),
        .testTarget(name: "LogEngineTests", dependencies: ["LogEngine", "LogFormat", "LogTesting", "CLotus"]),
        .testTarget(name: "LogFaultTests", dependencies: ["LogEngine", "LogFormat", "LogTesting"]),
        .testTarget(name: "EventsTests", dependencies: ["Events", "LogEngine", "LogFormat"]),
        .testTarget(name: "FiltersTests", dependencies: ["Filters", "Events", "LogEngine", "LogFormat"]),
        .testTarget(name: "ParquetTests", dependencies: ["Parquet", "Events", "LogFormat"]),
        .testTarget(name: "PlacedYAMLTests", dependencies: ["PlacedYAML", "Yams"]),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics", "LogFormat"]),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "Runtime", "RuntimeTesting", "Herald", "Specimens", "Events", "LogEngine", "LogFormat",
            ]),
        .testTarget(name: "HeraldTests", dependencies: ["Herald", "HeraldTesting", "Events", "LogFormat"]),
        .testTarget(
            name: "SigningTests",
            dependencies: [
                "Signing", "Runtime", "RuntimeTesting", "Herald", "HeraldTesting", "Events", "LogEngine", "LogFormat",
            ]),
        .testTarget(
            name: "ContractsTests", dependencies: ["Contracts", "ManifestYAML", "Herald", "Events", "LogFormat"]),
        .testTarget(
            name: "MarketTests",
            dependencies: ["Market", "Runtime", "Events", "LogEngine", "LogFormat", "Statistics", "CZlib"]),
        .testTarget(
            name: "SignalEngineTests",
            dependencies: ["SignalEngine", "DetectorYAML", "Events", "LogFormat", "Statistics"]),
        .testTarget(
            name: "BacktestTests",
            dependencies: [
                "Backtest", "BacktestTesting", "CLotus", "Contracts", "DetectorYAML", "Events", "LogEngine",
                "LogFormat", "Market", "Report", "Runtime", "SignalEngine", "Specimens", "Statistics", "Weave",
            ]),
        .testTarget(
            name: "CausalityTests",
            dependencies: [
                "Backtest", "BacktestTesting", "DetectorYAML", "Events", "Inquiry", "LogEngine", "Runtime",
                "SignalEngine", "Specimens", "Statistics",
            ]),
        .testTarget(name: "ReportTests", dependencies: ["Report", "Statistics"]),
        .testTarget(
            name: "VenueFeedTests",
            dependencies: [
                "VenueFeed", "VenueFeedTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "LiveFeedTests",
            dependencies: [
                "LiveFeed", "VenueFeed", "VenueFeedTesting", "Backtest", "DetectorYAML", "Events", "LogEngine",
                "LogFormat", "Market", "Runtime", "SignalEngine", "Specimens",
            ]),
        .testTarget(name: "WeaveTests", dependencies: ["Weave", "Events", "LogFormat", "Statistics"]),
        .testTarget(
            name: "InquiryTests",
            dependencies: ["Inquiry", "Filters", "Runtime", "Weave", "Events", "LogEngine", "LogFormat"]),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: ["Projections", "ProjectionsTesting", "Runtime", "Events", "LogEngine", "LogFormat"]),
        .testTarget(
            name: "RebuildTests",
            dependencies: [
                "Projections", "ProjectionsTesting", "Runtime", "Specimens", "Events", "LogEngine", "LogFormat",
            ]),
        .testTarget(name: "TidyTests", dependencies: ["LogFormat"]),
    ]
)

// A part builds alone, without the packages that it does not need: LOTUS_PART=LogFormatTests,LogEngineTests keeps the
// named targets and what they stand on. Sanitizers and simulation build the log this way (Tools/part.sh).
if let part = Context.environment["LOTUS_PART"], !part.isEmpty {
    var kept: Set<String> = []
    var packages: Set<String> = []
    func keep(_ name: String) {
        guard let target = package.targets.first(where: { $0.name == name }) else {
            packages.insert(name)
            return
        }
        guard kept.insert(name).inserted else { return }
        for dependency in target.dependencies {
            switch dependency {
            case .productItem(let name, let package, _, _): packages.insert(package ?? name)
            case .byNameItem(let name, _), .targetItem(let name, _): keep(name)
            @unknown default: break
            }
        }
    }
    for name in part.split(separator: ",") { keep(String(name)) }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { !kept.contains($0.name) }
    package.dependencies.removeAll { dependency in
        guard case .sourceControl(_, let location, _) = dependency.kind else { return true }
        return !packages.contains { location.hasSuffix("/" + $0) }
    }
}

for target in package.targets where !["CLotus", "CRows", "CZlib"].contains(target.name) {
    let isTest = target.type == .test
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .treatAllWarnings(as: .error),
    ]
    // Tests poke at memory on purpose; marking each place would only make them harder to read.
    if !isTest { target.swiftSettings?.append(.strictMemorySafety()) }
}
