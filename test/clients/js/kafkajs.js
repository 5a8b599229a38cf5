// Does what lines of standard input ask for, with kafkajs; README.md has the lines. kafkajs consumes for groups only, so
// partitions are read with what it is made of itself: its cluster, its brokers and its reader of batches.
'use strict'

const readline = require('node:readline')
const zlib = require('node:zlib')
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')
const snappy = require('snappyjs')
const xerial = require('kafkajs-snappy')
const lz4 = require('lz4js')

CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: async encoder => Buffer.from(snappy.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(await xerial().decompress(buffer)),
})
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(lz4.decompress(buffer)),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => zlib.zstdCompressSync(encoder.buffer),
  decompress: async buffer => zlib.zstdDecompressSync(buffer),
})

const ACKS = { 0: 0, 1: 1, all: -1 }
const CODECS = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD,
}

const fromText = text => (text === null ? null : Buffer.from(text, 'base64'))
const toText = part => (part === null || part === undefined ? null : Buffer.from(part).toString('base64'))

function connect(request) {
  return new Kafka({ brokers: [request.bootstrap], clientId: 'client', logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: 4 } })
}

async function produce(request) {
  const producer = connect(request).producer({ idempotent: request.idempotent, allowAutoTopicCreation: false })
  await producer.connect()
  try {
    const messages = request.records.map(each => ({
      partition: each.p, key: fromText(each.k), value: fromText(each.v), timestamp: String(each.t),
      headers: Object.fromEntries(each.h.map(header => [header.n, fromText(header.v)])),
    }))
    await producer.send({
      topic: request.topic, acks: ACKS[request.acks], compression: CODECS[request.codec], messages,
    })
    return {}
  } finally {
    await producer.disconnect()
  }
}

// The cluster that a client of kafkajs keeps to itself.
function clusterOf(request) {
  const path = require('node:path')
  const inside = name => require(path.join(path.dirname(require.resolve('kafkajs')), 'src', name))
  const Cluster = inside('cluster')
  const createSocketFactory = inside('network/socketFactory')
  const silent = inside('loggers').createLogger({ level: logLevel.NOTHING, logCreator: () => () => {} })
  return new Cluster({
    logger: silent, socketFactory: createSocketFactory(), brokers: [request.bootstrap], clientId: 'client',
    connectionTimeout: 1000, authenticationTimeout: 1000, reauthenticationThreshold: 1000, requestTimeout: 30000,
    enforceRequestTimeout: true, metadataMaxAge: 300000, offsets: new Map(), retry: { retries: 5 },
    allowAutoTopicCreation: false, maxInFlightRequests: null, isolationLevel: request.committed ? 1 : 0,
    instrumentationEmitter: null,
  })
}

async function consume(request) {
  const cluster = clusterOf(request)
  await cluster.connect()
  try {
    await cluster.addTargetTopic(request.topic)
    const { leader } = cluster.findTopicPartitionMetadata(request.topic).find(each => each.partitionId === request.partition)
    const broker = await cluster.findBroker({ nodeId: String(leader) })
    const records = []
    for (let next = 0n; records.length < request.count;) {
      const { responses } = await broker.fetch({
        replicaId: -1, isolationLevel: request.committed ? 1 : 0, maxWaitTime: 500, minBytes: 1, maxBytes: 10485760,
        topics: [{ topic: request.topic, partitions: [
          { partition: request.partition, fetchOffset: String(next), maxBytes: 1048576 }] }],
        rackId: '',
      })
      for (const message of responses[0].partitions[0].messages) {
        if (BigInt(message.offset) < next) continue
        next = BigInt(message.offset) + 1n
        records.push({
          p: request.partition, o: Number(message.offset), k: toText(message.key), v: toText(message.value),
          t: Number(message.timestamp),
          h: Object.entries(message.headers).flatMap(([name, values]) =>
            (Array.isArray(values) ? values : [values]).map(value => ({ n: name, v: toText(value) }))),
        })
      }
    }
    return { records }
  } finally {
    await cluster.disconnect()
  }
}

async function admin(request) {
  return { told: await require('./admin.js').story(connect(request)) }
}

async function main() {
  const does = { produce, consume, admin }
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const request = JSON.parse(line)
    let reply
    try {
      reply = await does[request.do](request)
    } catch (failed) {
      reply = { error: `${failed.name}: ${failed.message}` }
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`)
  }
}

main()
