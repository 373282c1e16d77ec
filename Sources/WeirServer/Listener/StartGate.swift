import Synchronization

/// Waits until every listener answers.
final class StartGate: Sendable {
    private let count: Int
    private let urls = Mutex<[Setting: String]>([:])

    init(count: Int) {
        self.count = count
    }

    /// Notes a listener that answers.
    ///
    /// - Returns: the URLs of all, by the setting of their port, once there is none missing.
    func opened(_ setting: Setting, url: String) -> [Setting: String]? {
        urls.withLock { urls in
            urls[setting] = url
            return urls.count == count ? urls : nil
        }
    }
}
