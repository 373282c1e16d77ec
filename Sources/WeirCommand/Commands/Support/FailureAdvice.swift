import StrictJSON
import WeirClient

/// What to tell a person whose request was refused or got lost, and what to do next.
enum FailureAdvice {
    /// For an answer that is no success.
    static func failure(of answer: APIAnswer) -> CommandFailure {
        let problem = try? JSONValue(parsing: answer.body)
        let said = problem?["detail"]?.stringValue ?? problem?["title"]?.stringValue
        let detail = SafeText.line(said ?? "the server answered \(answer.status)")
        return CommandFailure([detail, advice(answer.status, problem)].compactMap(\.self).joined())
    }

    private static func advice(_ status: Int, _ problem: JSONValue?) -> String? {
        switch status {
        case 401:
            "\nThe server does not know this token: set WEIR_ADMIN_TOKEN to the token of the first"
                + " start, or give a file that holds it with --token-file."
        case 403: "\nThis needs the admin token: set WEIR_ADMIN_TOKEN to it."
        case 404 where problem?["detail"]?.stringValue?.contains("no such route") == true:
            "\nIf the server has its admin routes on a listener of its own (--admin-port), WEIR_URL"
                + " must be the address of that one."
        case 404 where problem?["detail"] == nil:
            "\nIs the server older than this command, or WEIR_URL the address of something else?"
        case 413: "\nThe request is larger than the server takes."
        case 429: "\nWait a minute and try again."
        // Not Weir's own words: a proxy's.
        case 500... where problem?["detail"] == nil:
            "\nWhether the server acted is not known; see its log."
        case 500...: "\nSee the server's log; nothing was changed unless it says so."
        default: nil
        }
    }

    /// Whether a request got no answer because the time for it was over.
    static func isLate(_ cause: String) -> Bool {
        let text = cause.lowercased()
        return text.contains("deadlineexceeded") || text.contains("readtimeout")
    }

    /// What the connection said, without the names of types and places of source.
    private static func reason(_ cause: String) -> String {
        if cause.contains("remoteConnectionClosed") { return "it was closed before the answer" }
        if let code = cause.firstMatch(of: /[A-Z]+(?:_[A-Z]+)+/) {
            return code.output.lowercased().replacing("_", with: " ")
        }
        return cause.replacing("HTTPClientError.", with: "")
    }

    /// For a request without an answer; `cause` is what the connection said.
    static func failure(lost cause: String, url: String) -> CommandFailure {
        let cause = SafeText.line(cause)
        let text = cause.lowercased()
        if text.contains("certificate") || text.contains("ssl") || text.contains("tls") {
            let why =
                text.contains("certificate_verify_failed")
                ? "its certificate is not trusted"
                : text.contains("wrong_version_number") ? "it speaks no TLS" : reason(cause)
            return CommandFailure(
                "no secure connection to \(url): \(why)\n"
                    + "Name the certificate to trust with --ca-file, or use http:// where the"
                    + " server does not speak TLS.")
        }
        if isLate(cause) {
            return CommandFailure(
                "no answer from \(url) in time; whether the server acted is not known\n"
                    + "See its log and ask it with a list or show command before trying again.")
        }
        if text.contains("dns") || text.contains("resolve") || text.contains("getaddrinfo") {
            return CommandFailure(
                "the host of \(url) was not found\n"
                    + "Set WEIR_URL or --url to the server's address.")
        }
        let isUnreached =
            text.contains("refused") || text.contains("connecttimeout")
            || text.contains("unreachable") || text.contains("connectionerror")
        guard isUnreached else {
            let hint =
                url.lowercased().hasPrefix("http://") && text.contains("remoteconnectionclosed")
                ? "\nWhere the server speaks TLS, its address begins with https://." : ""
            return CommandFailure(
                "the connection to \(url) broke: \(reason(cause))\n"
                    + "Whether the server acted is not known; see its log.\(hint)")
        }
        return CommandFailure(
            "nothing answers at \(url)\n"
                + "Is `weir serve` running there? Set WEIR_URL or --url to the server's address.")
    }
}
