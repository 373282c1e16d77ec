import Foundation

@testable import WeirCommand

/// The sample that lies beside these tests.
enum Sample {
    static let promptTokens: Int64 = 553_386
    static let generatedTokens: Int64 = 156_892

    static func trace() throws -> Trace {
        let name = "AzureLLMInferenceTrace_conv-600.csv"
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Samples/\(name)")
        return try Trace(csv: Array(Data(contentsOf: file)), name: name)
    }
}
