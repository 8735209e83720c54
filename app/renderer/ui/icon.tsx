import {
  Activity, ArrowDownToLine, ArrowRightLeft, ArrowUpDown, AlignVerticalSpaceAround, Bookmark, Box, Braces, ChartBar, ChartColumn, ChartLine, ChartNoAxesColumn,
  ChartNoAxesCombined, Check, ChevronDown, ChevronRight, ChevronUp, CircleAlert, CircleCheck, CircleDot, CircleHelp, ClipboardPaste, Clock, ClockArrowUp, Code, Columns3,
  Combine, Command, Copy, CopyMinus, Crosshair, Database, DatabaseZap, Download, Ellipsis, Eraser, ExternalLink, Eye, FileDown, FileInput, FileJson, FileOutput, FilePlus,
  FileText, FileUp, Filter, FolderOpen, Funnel, Gauge, GitCommitHorizontal, GitMerge, Group, Hash, History, Hourglass, Info, Key, Keyboard, Layers, LayoutGrid, Link, List, ListFilter, ListOrdered,
  Maximize, Maximize2, MessageSquare, Merge, Minus, Monitor, Moon, PanelBottom, PanelLeft, PanelRight, Pause, Pencil, Play, Plug, Plus, Radio, RadioTower, Redo2, RefreshCw, RotateCcw, Rows3, Save,
  ScanSearch, Search, Send, Server, Settings, ShieldCheck, Shuffle, Sigma, Smile, Sparkles, Split, Square, SquareFunction, Sun, Table, Table2, Tags, Timer, Trash2,
  TriangleAlert, BadgeCheck, Link2, PanelsTopLeft, Ungroup, AppWindow, Calendar, CalendarClock, ChartArea, Cpu, Factory, FileClock, GitBranch, Grid3x3, Rows2, ShieldAlert, Tally5, Target, Telescope, TextSearch, TrendingUp, Type, Variable, Undo2, Unplug, Upload, Waves, WandSparkles, Waypoints, Wrench, X, Zap, ChartScatter, CopyCheck, Trophy, Fingerprint, FileSearch, ZoomIn, ZoomOut, type LucideIcon,
} from 'lucide-react';

/** Explicit, so that the bundle holds what is used. The catalogue's icons come by these kebab-case names; an unknown one is a box. */
const ICONS: Readonly<Record<string, LucideIcon>> = {
  activity: Activity, 'align-vertical-space-around': AlignVerticalSpaceAround, 'arrow-down-to-line': ArrowDownToLine, 'arrow-right-left': ArrowRightLeft, 'arrow-up-down': ArrowUpDown, bookmark: Bookmark,
  box: Box, braces: Braces, 'chart-bar': ChartBar, 'chart-column': ChartColumn, 'chart-line': ChartLine, 'chart-no-axes-column': ChartNoAxesColumn,
  'chart-no-axes-combined': ChartNoAxesCombined, 'chart-scatter': ChartScatter, check: Check, 'chevron-down': ChevronDown, 'chevron-right': ChevronRight, 'chevron-up': ChevronUp,
  'circle-alert': CircleAlert, 'circle-check': CircleCheck, 'circle-dot': CircleDot, 'circle-help': CircleHelp, 'clipboard-paste': ClipboardPaste, clock: Clock,
  'clock-arrow-up': ClockArrowUp, code: Code, 'columns-3': Columns3, combine: Combine, command: Command, copy: Copy, 'copy-check': CopyCheck, 'copy-minus': CopyMinus, crosshair: Crosshair,
  database: Database, 'database-zap': DatabaseZap, download: Download, ellipsis: Ellipsis, eraser: Eraser, 'external-link': ExternalLink, eye: Eye, 'file-down': FileDown,
  'file-input': FileInput, 'file-json': FileJson, 'file-output': FileOutput, 'file-plus': FilePlus, 'file-search': FileSearch, 'file-text': FileText, 'file-up': FileUp, filter: Filter, fingerprint: Fingerprint,
  'folder-open': FolderOpen, funnel: Funnel, gauge: Gauge, 'git-commit-horizontal': GitCommitHorizontal, 'git-merge': GitMerge, group: Group, hash: Hash, history: History, hourglass: Hourglass, info: Info,
  key: Key, keyboard: Keyboard, layers: Layers, 'layout-grid': LayoutGrid, link: Link, list: List, 'list-filter': ListFilter, 'list-ordered': ListOrdered, maximize: Maximize, 'maximize-2': Maximize2, merge: Merge,
  'message-square': MessageSquare, minus: Minus, monitor: Monitor, moon: Moon, 'panel-bottom': PanelBottom, 'panel-left': PanelLeft, 'panel-right': PanelRight,
  pause: Pause, pencil: Pencil, play: Play, plug: Plug, plus: Plus, radio: Radio, 'radio-tower': RadioTower, 'redo-2': Redo2, 'refresh-cw': RefreshCw,
  'rotate-ccw': RotateCcw, 'rows-3': Rows3, save: Save, 'scan-search': ScanSearch, search: Search, send: Send, server: Server, settings: Settings,
  'shield-check': ShieldCheck, shuffle: Shuffle, sigma: Sigma, smile: Smile, sparkles: Sparkles, split: Split, square: Square, 'square-function': SquareFunction, sun: Sun,
  table: Table, 'table-2': Table2, tags: Tags, timer: Timer, 'trash-2': Trash2, 'triangle-alert': TriangleAlert, trophy: Trophy, 'undo-2': Undo2, unplug: Unplug, upload: Upload, waves: Waves,
  'badge-check': BadgeCheck, 'link-2': Link2, 'panels-top-left': PanelsTopLeft, ungroup: Ungroup, 'app-window': AppWindow, calendar: Calendar, 'calendar-clock': CalendarClock, 'chart-area': ChartArea, cpu: Cpu,
  factory: Factory, 'file-clock': FileClock, 'git-branch': GitBranch, 'grid-3x3': Grid3x3, 'rows-2': Rows2, 'shield-alert': ShieldAlert, 'tally-5': Tally5, target: Target, telescope: Telescope, 'text-search': TextSearch,
  'trending-up': TrendingUp, type: Type, variable: Variable, 'wand-sparkles': WandSparkles, waypoints: Waypoints, wrench: Wrench, x: X, zap: Zap, 'zoom-in': ZoomIn, 'zoom-out': ZoomOut,
};

export function hasIcon(name: string): boolean {
  return name in ICONS;
}

export function Icon({ name, size }: { name: string; size?: 's' | 'l' }) {
  const Drawn = ICONS[name] ?? Box;
  return <Drawn className={size === undefined ? 'i' : `i ${size}`} aria-hidden absoluteStrokeWidth={false} strokeWidth={size === 's' ? 2 : 1.75} />;
}
