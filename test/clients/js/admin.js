// The admin client of kafkajs: one use after the other, and what came of each.
'use strict'

const { ConfigResourceTypes, AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = require('kafkajs')

// Of a question, until it shows what it should: a broker learns late what the controller answered.
const TRIES = 500

const plain = part => JSON.stringify(part, (name, value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value) ?? 'nothing'

async function story(kafka) {
  const admin = kafka.admin()
  const told = []
  const step = async (heading, work, shown = '') => {
    let text = ''
    for (let tries = 0; tries < TRIES; ++tries) {
      try {
        text = plain(await work())
      } catch (failed) {
        text = `failed: ${failed.name}: ${failed.message} ${plain((failed.errors ?? []).map(each => each.message))}`
      }
      if (text.includes(shown)) break
    }
    told.push([heading, text])
  }
  await admin.connect()
  const topic = 'kafkajs'
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
  const own = async () => (await admin.describeConfigs({ resources: [resource], includeSynonyms: true }))
    .resources[0].configEntries.filter(each => !each.isDefault).sort((a, b) => (a.configName < b.configName ? -1 : 1))

  await step('create', () => admin.createTopics({ topics: [
    { topic, numPartitions: 2, replicationFactor: 1, configEntries: [{ name: 'retention.ms', value: '7200000' }] }] }))
  await step('create again', () => admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }))
  await step('create wrongly', () => admin.createTopics({ topics: [
    { topic: 'bad/name', numPartitions: 1 }, { topic: 'kafkajs-far', numPartitions: 1, replicationFactor: 3 }] }))
  await step('create, only checked', () => admin.createTopics({ validateOnly: true, topics: [{ topic: 'kafkajs-checked' }] }))
  await step('grow', () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }))
  await step('shrink', () => admin.createPartitions({ topicPartitions: [{ topic, count: 1 }] }))
  await step('metadata', async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics
    .map(each => [each.name, each.partitions.length, each.partitions.map(part => part.leader)]), '[1,1,1]')
  await step('list', async () => (await admin.listTopics()).filter(each => each.startsWith(topic)))
  await step('alter', () => admin.alterConfigs({ validateOnly: false, resources: [
    { ...resource, configEntries: [{ name: 'max.message.bytes', value: '3000000' }] }] }))
  await step('alter wrongly', () => admin.alterConfigs({ validateOnly: false, resources: [
    { ...resource, configEntries: [{ name: 'max.message.bytes', value: 'x' }] }] }))
  await step('configuration', own, '3000000')
  await step('offsets', () => admin.fetchTopicOffsets(topic), '"partition":2')
  await step('offsets by time', () => admin.fetchTopicOffsetsByTimestamp(topic, 1))
  await step('delete records', () => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '0' }] }))
  await step('delete too many records', () => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '9' }] }))
  await step('reassign', () => admin.alterPartitionReassignments({ topics: [
    { topic, partitionAssignment: [{ partition: 0, replicas: [1] }] }] }))
  await step('reassign to nobody', () => admin.alterPartitionReassignments({ topics: [
    { topic, partitionAssignment: [{ partition: 0, replicas: [9] }] }] }))
  await step('reassignments', () => admin.listPartitionReassignments({ topics: [{ topic, partitions: [0] }] }))
  await step('cluster', () => admin.describeCluster())
  await step('rules', () => admin.describeAcls({ resourceType: AclResourceTypes.ANY, host: '*',
    permissionType: AclPermissionTypes.ANY, operation: AclOperationTypes.ANY, resourcePatternType: ResourcePatternTypes.ANY }))
  await step('delete', () => admin.deleteTopics({ topics: [topic] }))
  await step('delete nothing', () => admin.deleteTopics({ topics: ['kafkajs-none'] }))
  await admin.disconnect()
  return told
}

module.exports = { story }
