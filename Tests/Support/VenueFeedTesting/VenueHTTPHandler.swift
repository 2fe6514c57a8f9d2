internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// `POST /info`, and the answer to WebSocket requests that are turned down.
final class VenueHTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let state: VenueState
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// Set when the upgrade of this connection was turned down.
    var refusal: VenueRefusal?

    init(state: VenueState) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let head else { return }
            if let refusal {
                let retry = refusal.retryAfterSeconds.map { [("Retry-After", "\($0)")] } ?? []
                respond(context, status: refusal.status, body: Array("not here".utf8), headers: retry)
            } else if head.method == .POST, head.uri == "/info" {
                answer(context)
            } else {
                respond(context, status: 404, body: Array("nothing at \(head.uri)".utf8))
            }
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let question = String(decoding: body, as: UTF8.self)
        let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let type = object?["type"] as? String ?? ""
        let found: [UInt8]? = state.locked { contents in
            contents.questions.append(question)
            if type == "meta" {
                return contents.setup.metaAnswer ?? Self.meta(contents.setup.coins, exchange: object?["dex"] as? String)
            }
            return contents.setup.answers[type]
        }
        if let found {
            respond(context, status: 200, body: found)
        } else {
            respond(context, status: 422, body: Array("Failed to deserialize the JSON body into the target type".utf8))
        }
    }

    private static func meta(_ coins: [String], exchange: String?) -> [UInt8] {
        let listed = coins.filter { coin in
            exchange.map { coin.hasPrefix($0 + ":") } ?? !coin.contains(":")
        }
        let universe = listed.map { #"{"szDecimals":5,"name":"\#($0)","maxLeverage":50}"# }.joined(separator: ",")
        return Array(#"{"universe":[\#(universe)],"marginTables":[]}"#.utf8)
    }

    private func respond(
        _ context: ChannelHandlerContext, status: Int, body: [UInt8], headers: [(String, String)] = []
    ) {
        var fields = HTTPHeaders(headers)
        fields.add(name: "Content-Length", value: "\(body.count)")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
