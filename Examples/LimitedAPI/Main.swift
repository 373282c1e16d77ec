import Foundation
import Hummingbird
import Weir

@main
struct Main {
    static func main() async throws {
        let weir = try await Weir.open(Weir.Options(folder: "./weir-data/limited-api"))
        let api = LimitedAPI(weir: weir)
        if let key = try await api.firstKey() {
            print("the key of tenant acme, shown once: \(key)")
            // At once, also into a file.
            fflush(nil)
        }
        var app = Application(
            router: api.router(),
            configuration: .init(address: .hostname("127.0.0.1", port: 8081)))
        // It goes on until the last request is answered, then gives back what it has leased.
        app.addServices(weir)
        try await app.runService()
    }
}
