// swift-tools-version: 6.2
import PackageDescription

// The library and its tests alone: no package has to be fetched to build a mutant.
let package = Package(
    name: "mutant",
    targets: [
        .target(name: "CLotus"),
        .target(name: "LogFormat", dependencies: ["CLotus"], path: "LogFormat"),
        .target(name: "LogEngine", dependencies: ["CLotus", "LogFormat"]),
        .testTarget(name: "LogFormatTests", dependencies: ["LogFormat"]),
        .target(name: "LogTesting", dependencies: ["LogEngine", "LogFormat"], path: "Tests/Support/LogTesting"),
        .testTarget(name: "LogEngineTests", dependencies: ["LogEngine", "LogFormat", "LogTesting", "CLotus"]),
        .testTarget(name: "LogFaultTests", dependencies: ["LogEngine", "LogFormat", "LogTesting"]),
    ]
)

for target in package.targets where target.name != "CLotus" {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
    ]
}
