import Foundation
import WeirClient

/// The `weir` of this build, found beside the tests.
enum BuiltWeir {
    static var path: String {
        #if os(Linux)
        ExecutablePath.sibling("weir")
        #else
        Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }!
            .bundleURL.deletingLastPathComponent().appendingPathComponent("weir").path
        #endif
    }

    /// The sample trace of the replay's tests.
    static var sampleTrace: String {
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("ReplayTests/Samples/AzureLLMInferenceTrace_conv-600.csv").path
    }
}
