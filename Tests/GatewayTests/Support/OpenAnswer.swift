import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An answer that is read piece by piece.
struct OpenAnswer {
    let status: Int
    let headers: HTTPHeaders
    /// What has come of it.
    private(set) var text = ""
    /// Whether it has come to its proper end.
    private(set) var isWhole = false
    private var pieces: HTTPClientResponse.Body.AsyncIterator

    init(_ response: HTTPClientResponse) {
        status = Int(response.status.code)
        headers = response.headers
        pieces = response.body.makeAsyncIterator()
    }

    /// Reads until a text has come.
    ///
    /// - Returns: false when the answer is over before.
    /// - Throws: how the answer broke off.
    mutating func read(until part: String) async throws -> Bool {
        while !text.contains(part) {
            guard let piece = try await pieces.next(isolation: #isolation) else {
                isWhole = true
                return false
            }
            text += String(buffer: piece)
        }
        return true
    }

    /// Reads to the end.
    ///
    /// - Returns: the whole text.
    /// - Throws: how the answer broke off.
    mutating func rest() async throws -> String {
        while let piece = try await pieces.next(isolation: #isolation) {
            text += String(buffer: piece)
        }
        isWhole = true
        return text
    }
}
