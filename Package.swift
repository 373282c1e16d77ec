// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A library target.
///
/// Arrows point down only: a target depends on those above it in this file.
func library(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// An example, built with everything else so that it stays right.
func example(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Examples/\(name)", exclude: ["README.md"],
        swiftSettings: settings)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: settings
    )
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(
    name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(
    name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(
    name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "weir",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "weir", targets: ["WeirCommand"]),
        .executable(name: "weir-bench", targets: ["weir-bench"]),
        .executable(name: "weir-simulate", targets: ["weir-simulate"]),
        .library(name: "Weir", targets: ["Weir"]),
        .library(name: "WeirHummingbird", targets: ["WeirHummingbird"]),
        .library(name: "QuotaModel", targets: ["QuotaModel"]),
        .library(name: "QuotaCalendar", targets: ["QuotaCalendar"]),
        .library(name: "QuotaEngine", targets: ["QuotaEngine"]),
        .library(name: "QuotaLedger", targets: ["QuotaLedger"]),
        .library(name: "QuotaTesting", targets: ["QuotaTesting"]),
        .library(name: "Webhooks", targets: ["Webhooks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.36.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What Swift does not see of the system.
        .target(name: "CPosix"),
        .target(name: "CAllocations"),
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),

        // The core: read these first.
        library("QuotaModel"),
        library("QuotaCalendar", ["QuotaModel"]),
        library("QuotaEngine", ["QuotaModel", "QuotaCalendar"]),

        // Stores.
        library("QuotaLedger", ["QuotaModel", "QuotaCalendar", "QuotaEngine", crypto]),
        library("LedgerSQL", ["QuotaModel", "QuotaEngine", "QuotaLedger"]),
        library(
            "LedgerSQLite",
            ["QuotaModel", "QuotaEngine", "QuotaLedger", "LedgerSQL", grdb, grdbSQLite]),
        library("RESPWire", [crypto, nioCore, nioPosix, nioSSL]),
        library("PostgresWire", ["CPostgres"]),
        library(
            "LedgerPostgres",
            ["QuotaModel", "QuotaEngine", "QuotaLedger", "LedgerSQL", "PostgresWire", logging]),
        library("UsageJournal", ["CPosix"]),

        // One node, and its front doors.
        library("StrictJSON"),
        library("LLMWire", [nioCore]),
        library(
            "QuotaNode",
            [
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "UsageJournal", crypto,
            ]),
        library(
            "QuotaTesting",
            [
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "QuotaNode",
                "UsageJournal",
            ]),
        library(
            "EmbeddedNode",
            [
                "QuotaModel", "QuotaCalendar", "QuotaLedger", "LedgerSQLite", "LedgerPostgres",
                "QuotaNode", "UsageJournal", logging,
            ]),
        library("PrometheusExposition", [metrics]),
        library(
            "Webhooks",
            ["QuotaModel", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, nioSSL]),
        library(
            "WeirHTTP",
            [
                "QuotaModel", "QuotaEngine", "QuotaLedger", "QuotaNode", "StrictJSON",
                "PrometheusExposition", "Webhooks", crypto, httpTypes, hummingbird, logging,
                nioCore,
            ], resources: [.embedInCode("OpenAPI/openapi.yaml")]),
        library(
            "Gateway",
            [
                "QuotaModel", "QuotaEngine", "QuotaNode", "LLMWire", "PrometheusExposition",
                "StrictJSON", "WeirHTTP", asyncHTTPClient, httpTypes, logging, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ]),
        library(
            "WeirServer",
            [
                "QuotaModel", "QuotaLedger", "LedgerSQLite", "LedgerPostgres", "QuotaNode",
                "UsageJournal", "EmbeddedNode", "Gateway", "WeirHTTP", "Webhooks", "StrictJSON",
                "PrometheusExposition", configuration,
                hummingbird, hummingbirdCore, logging, metrics, nioCore, nioHTTP1, nioHTTPTypes,
                nioHTTPTypesHTTP1, nioSSL, serviceLifecycle, systemPackage, unixSignals, yams,
            ]),

        // What an application imports.
        library(
            "Weir",
            [
                "QuotaModel", "QuotaEngine", "QuotaLedger", "LedgerSQLite", "QuotaNode",
                "UsageJournal", "EmbeddedNode", "StrictJSON", logging, serviceLifecycle,
            ]),
        library(
            "WeirHummingbird", ["Weir", "WeirHTTP", "QuotaModel", hummingbird, httpTypes, logging]),
        example("LimitedAPI", ["Weir", "WeirHummingbird", hummingbird]),

        // A stand-in for an inference server.
        library("MockBackend", ["StrictJSON", nioCore, nioHTTP1, nioPosix]),

        // Programs.
        library("WeirClient", ["CPosix", asyncHTTPClient, histogram, nioCore, nioHTTP1, nioSSL]),
        // What tests and benchmarks start of others.
        library("RealServers", ["WeirClient", nioCore, nioPosix]),
        // Not "weir", which a file system that folds case takes for the library.
        executable(
            "WeirCommand",
            [
                "QuotaModel", "QuotaCalendar", "QuotaLedger", "LedgerSQLite", "StrictJSON",
                "MockBackend", "WeirClient", "WeirHTTP", "WeirServer", argumentParser, nioCore,
                nioPosix, unixSignals, yams,
            ]),
        executable(
            "weir-bench",
            [
                "CAllocations", "CPosix",
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "LedgerSQLite",
                "LedgerPostgres", "PostgresWire", "RealServers", "QuotaNode", "EmbeddedNode",
                "QuotaTesting", "UsageJournal", "MockBackend", "WeirClient", argumentParser, crypto,
                grdb, grdbSQLite, logging, nioCore,
                nioHTTP1, nioPosix,
            ]),
        executable("weir-simulate", ["QuotaLedger", "QuotaTesting", argumentParser]),

        // Tests.
        tests("QuotaModelTests", ["QuotaModel", "QuotaTesting"]),
        tests("QuotaEngineTests", ["QuotaModel", "QuotaEngine", "QuotaTesting"]),
        tests(
            "QuotaLedgerTests",
            ["QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "QuotaTesting"]),
        tests(
            "LedgerSQLiteTests",
            [
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "LedgerSQL",
                "LedgerSQLite", "QuotaTesting", grdb,
            ]),
        tests(
            "LedgerPostgresTests",
            [
                "QuotaModel", "QuotaEngine", "QuotaLedger", "LedgerSQL", "LedgerPostgres",
                "QuotaCalendar", "PostgresWire", "QuotaTesting", "RealServers",
            ]),
        tests("RESPWireTests", ["RESPWire", nioCore, nioPosix]),
        tests("UsageJournalTests", ["UsageJournal", "QuotaTesting"]),
        tests("QuotaCalendarTests", ["QuotaModel", "QuotaCalendar", "QuotaTesting"]),
        tests(
            "QuotaNodeTests",
            [
                "QuotaModel", "QuotaEngine", "QuotaLedger", "LedgerSQLite", "QuotaNode",
                "QuotaTesting", "UsageJournal",
            ]),
        tests(
            "WeirHTTPTests",
            [
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "LedgerSQLite",
                "QuotaNode", "PrometheusExposition", "StrictJSON", "Webhooks", "WeirHTTP",
                "QuotaTesting", httpTypes, hummingbird, hummingbirdTesting, logging, nioCore, yams,
            ]),
        tests(
            "GatewayTests",
            [
                "Gateway", "LLMWire", "MockBackend", "PrometheusExposition", "QuotaLedger",
                "QuotaModel", "QuotaNode", "QuotaTesting", "StrictJSON", "WeirHTTP",
                asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix,
            ]),
        tests(
            "WeirServerTests",
            [
                "QuotaModel", "QuotaLedger", "LedgerSQLite", "QuotaNode", "EmbeddedNode", "Gateway",
                "StrictJSON", "PrometheusExposition", "WeirHTTP", "WeirServer", "QuotaTesting",
                httpTypes, logging, nioCore, nioEmbedded, nioHTTP1, nioHTTPTypes, serviceLifecycle,
            ]),
        tests(
            "WebhooksTests",
            [
                "QuotaModel", "QuotaTesting", "Webhooks", asyncHTTPClient, crypto, nioCore,
                nioHTTP1,
                nioPosix, nioSSL,
            ]),
        tests("SimulationTests", ["QuotaLedger", "QuotaTesting"]),
        tests("StrictJSONTests", ["StrictJSON", "QuotaTesting"]),
        tests("LLMWireTests", ["LLMWire", "StrictJSON", "QuotaTesting", nioCore]),
        tests("MockBackendTests", ["MockBackend", "StrictJSON", nioCore, nioPosix]),
        tests("PrometheusExpositionTests", ["PrometheusExposition", metrics]),
        tests(
            "ReplayTests",
            [
                "QuotaModel", "WeirClient", "WeirCommand", argumentParser, nioCore, nioHTTP1,
                nioPosix,
            ], resources: [.copy("Samples")]),
        tests(
            "CommandTests",
            [
                "QuotaModel", "QuotaCalendar", "QuotaEngine", "QuotaLedger", "LedgerSQLite",
                "QuotaTesting", "StrictJSON", "WeirClient", "WeirCommand", argumentParser, grdb,
            ], resources: [.copy("Fixtures")]),
        tests(
            "EndToEndTests",
            [
                "RealServers", "StrictJSON", "Weir", "WeirClient", "WeirCommand", grdb, nioCore,
                nioPosix, nioSSL,
            ]),
        tests(
            "WeirTests",
            ["Weir", "EmbeddedNode", "QuotaModel", "QuotaTesting", logging, serviceLifecycle]),
        tests(
            "WeirHummingbirdTests",
            [
                "Weir", "WeirHummingbird", "LimitedAPI", "EmbeddedNode", "QuotaModel",
                "QuotaTesting", "StrictJSON", hummingbird, hummingbirdTesting, httpTypes, logging,
                nioCore, serviceLifecycle,
            ]),
        tests("TidyTests", []),
    ]
)
