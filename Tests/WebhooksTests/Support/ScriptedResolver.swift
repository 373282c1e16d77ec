import Synchronization

@testable import Webhooks

/// A resolver that answers what a test says, the last answer again and again.
final class ScriptedResolver: HostResolver {
    private let state: Mutex<(answers: [[IPAddress]], hosts: [String])>

    /// Answers that follow each other.
    init(_ answers: [String]...) {
        state = Mutex((answers.map { $0.compactMap { IPAddress($0) } }, []))
    }

    /// The hosts that were asked for.
    var hosts: [String] { state.withLock { $0.hosts } }

    func addresses(of host: String) async throws(HostResolverError) -> [IPAddress] {
        let answer: [IPAddress]? = state.withLock { state in
            state.hosts.append(host)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
        guard let answer else { throw .failed("no such host") }
        return answer
    }
}
